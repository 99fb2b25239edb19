"""Times written on the command line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from vtexmon.cli.times import read_duration, read_until
from vtexmon.errors import UsageError

ZONE = ZoneInfo("America/Sao_Paulo")
NOW = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)  # 14:00 in São Paulo


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("14:30", datetime(2026, 11, 24, 17, 30, tzinfo=UTC)),
        ("13:00", datetime(2026, 11, 25, 16, 0, tzinfo=UTC)),
        ("2h", NOW + timedelta(hours=2)),
        ("1h30m", NOW + timedelta(minutes=90)),
        ("2026-11-24T18:00", datetime(2026, 11, 24, 21, 0, tzinfo=UTC)),
        ("2026-11-24T18:00Z", datetime(2026, 11, 24, 18, 0, tzinfo=UTC)),
    ],
)
def test_until_is_the_next_such_moment(text: str, expected: datetime) -> None:
    assert read_until(text, NOW, ZONE) == expected


@pytest.mark.parametrize("text", ["24:00", "logo", "", "2026-11-24T10:00", "0s"])
def test_what_is_no_moment_to_come_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        read_until(text, NOW, ZONE)


def test_a_duration() -> None:
    assert read_duration("30m", "--wait-max") == timedelta(minutes=30)
    with pytest.raises(UsageError, match="--wait-max"):
        read_duration("30", "--wait-max")
