"""Builders for the core's tests: a plain record that a test changes in what it is about."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from vtexmon.core.records import LogRecord
from vtexmon.core.status import Phase, Status

CREATED = datetime(2026, 11, 24, 17, 25, tzinfo=UTC)

PLAIN = LogRecord(
    id=88213,
    module="sku",
    feature="Exportação de Dados",
    company=1,
    branch=12,
    education_level="FIC",
    account="nacional",
    channel="B2C",
    environment="producao",
    key_fields="CODCOLIGADA;CODFILIAL;CODTURMA",
    key_values="1;12;CQ.AJUS.N-1",
    status=Status.ERROR,
    phase=Phase.IDLE,
    wait_reason=None,
    attempts=2,
    next_attempt_at=None,
    resend_kind=None,
    failure_class="dado",
    fingerprint="00ff00ff00ff00ff",
    message="Campo Title recusado pela VTEX",
    advice="Corrija o nome da turma no SGE.",
    external_id=None,
    parent_key=None,
    source_hash="0",
    source_changed=False,
    created_at=CREATED,
    updated_at=CREATED,
    created_by="agendador",
    updated_by="agendador",
)


@pytest.fixture(scope="session")
def a_log() -> Callable[..., LogRecord]:
    def build(**changes: Any) -> LogRecord:
        return replace(PLAIN, **changes)

    return build
