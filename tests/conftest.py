"""What every test folder may rely on: the environment of whoever runs the tests does not leak in."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from vtexmon.i18n import use_language

settings.register_profile("unhurried", deadline=None)  # machines are busy; how fast is for ``make bench``
settings.load_profile("unhurried")

_LEAKS = ("VTEX_", "VTEXMON_", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "NO_COLOR", "FORCE_COLOR", "TEXTUAL", "COLUMNS")
_KEPT = ("VTEXMON_TEST_", "TEXTUAL_SNAPSHOT_")
"""What the test run itself is told; without the latter no snapshot can be compared."""


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No setting of the machine reaches the program, and the language is Portuguese again afterwards."""
    for name in [name for name in os.environ if name.startswith(_LEAKS) and not name.startswith(_KEPT)]:
        monkeypatch.delenv(name)
    yield
    use_language("pt_BR")
