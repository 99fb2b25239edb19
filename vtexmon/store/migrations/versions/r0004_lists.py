"""An index for every field of the filter and every order of the list, so that ten million logs cost what ten cost."""

import sqlalchemy as sa
from alembic import op

from vtexmon.store.migrations import key_search

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    key_search.upgrade(op.get_bind())
    op.drop_index("ix_log_account", "log")
    op.create_index("ix_log_account", "log", [sa.text("lower(account)"), "status", "id"])
    op.create_index("ix_log_channel", "log", [sa.text("lower(channel)"), "id"])
    op.create_index("ix_log_company", "log", ["company", "id"])
    op.create_index("ix_log_touched", "log", ["updated_at", "id"])
    op.create_index("ix_log_attempts", "log", ["attempts", "id"])
    _partial("ix_log_class", ["failure_class", "id"], "failure_class IS NOT NULL")
    _partial("ix_log_phase", ["phase", "id"], "phase <> 'idle'")
    _partial("ix_log_source_changed", ["id"], "source_changed = 1", "source_changed")
    if op.get_bind().dialect.name == "postgresql":
        _records_in_order_of_bytes()


def _partial(name: str, columns: list[str], condition: str, on_postgresql: str = "") -> None:
    where = sa.text(on_postgresql or condition)
    op.create_index(name, "log", columns, sqlite_where=sa.text(condition), postgresql_where=where)


def _records_in_order_of_bytes() -> None:
    """What is listed in order of records is put in order by the program too, which compares as SQLite does."""
    op.execute('CREATE INDEX ix_log_record_bytes ON log (record_key COLLATE "C", id)')
