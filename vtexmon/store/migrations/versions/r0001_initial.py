"""The first schema: logs and items, payloads, what VTEX holds, schedules, targets, bulk resends, audit."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _audit()
    _bulk_resend()
    _bulk_resend_member()
    _external_record()
    _log()
    _meta()
    _payload()
    _payload_dictionary()
    _schedule_control()
    _schedule_run()
    _target()
    _work_scope()
    _worker()
    _log_item()
    _search()


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("log_id", BIG_ID, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_audit_log", "audit", ["log_id"], unique=False)


def _bulk_resend() -> None:
    op.create_table(
        "bulk_resend",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("selection", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("stopped", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _bulk_resend_member() -> None:
    op.create_table(
        "bulk_resend_member",
        sa.Column("resend_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("log_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("result", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("resend_id", "log_id"),
    )
    op.create_index("ix_bulk_resend_member_log", "bulk_resend_member", ["log_id"], unique=False)


def _external_record() -> None:
    op.create_table(
        "external_record",
        sa.Column("record_key", sa.String(), nullable=False),
        sa.Column("module", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("success_hash", sa.String(), nullable=True),
        sa.Column("missing_since", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("record_key"),
    )
    op.create_index("ix_external_record_module", "external_record", ["module"], unique=False)


def _log() -> None:
    op.create_table(
        "log",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("record_key", sa.String(), nullable=False),
        sa.Column("module", sa.String(), nullable=False),
        sa.Column("feature", sa.String(), nullable=False),
        sa.Column("company", sa.Integer(), nullable=False),
        sa.Column("branch", sa.Integer(), nullable=False),
        sa.Column("education_level", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("environment", sa.String(), nullable=False),
        sa.Column("key_fields", sa.String(), nullable=False),
        sa.Column("key_values", sa.String(), nullable=False),
        sa.Column("key_folded", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("wait_reason", sa.String(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("resend_kind", sa.String(), nullable=True),
        sa.Column("resend_id", sa.Integer(), nullable=True),
        sa.Column("failure_class", sa.String(), nullable=True),
        sa.Column("fingerprint", sa.String(), nullable=True),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("advice", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("parent_key", sa.String(), nullable=True),
        sa.Column("serial_key", sa.String(), nullable=False),
        sa.Column("source_hash", sa.String(), nullable=False),
        sa.Column("source_changed", sa.Boolean(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("lease_owner", sa.String(), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("not_found", sa.Integer(), nullable=False),
        sa.Column("unreadable", sa.Integer(), nullable=False),
        sa.Column("repeated", sa.Boolean(), nullable=False),
        sa.Column("search_text", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_log_account", "log", ["account", "status", "id"], unique=False)
    op.create_index("ix_log_branch", "log", ["branch", "status", "id"], unique=False)
    op.create_index(
        "ix_log_cause",
        "log",
        ["fingerprint", "id"],
        unique=False,
        sqlite_where=sa.text("fingerprint IS NOT NULL"),
        postgresql_where=sa.text("fingerprint IS NOT NULL"),
    )
    op.create_index("ix_log_created", "log", ["created_at", "id"], unique=False)
    op.create_index(
        "ix_log_doubt",
        "log",
        ["serial_key"],
        unique=False,
        sqlite_where=sa.text("phase = 'verifying'"),
        postgresql_where=sa.text("phase = 'verifying'"),
    )
    op.create_index(
        "ix_log_due",
        "log",
        ["priority", "due_at", "id"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index("ix_log_module", "log", ["module", "status", "id"], unique=False)
    op.create_index(
        "ix_log_open_status",
        "log",
        ["status", "id"],
        unique=False,
        sqlite_where=sa.text("is_open = 1"),
        postgresql_where=sa.text("is_open"),
    )
    op.create_index(
        "ix_log_parent",
        "log",
        ["parent_key"],
        unique=False,
        sqlite_where=sa.text("wait_reason = 'parent'"),
        postgresql_where=sa.text("wait_reason = 'parent'"),
    )
    op.create_index("ix_log_record", "log", ["record_key", "id"], unique=False)
    op.create_index(
        "ix_log_resend",
        "log",
        ["resend_id"],
        unique=False,
        sqlite_where=sa.text("resend_id IS NOT NULL"),
        postgresql_where=sa.text("resend_id IS NOT NULL"),
    )
    op.create_index("ix_log_status", "log", ["status", "id"], unique=False)
    op.create_index("ix_log_updated", "log", ["status", "updated_at"], unique=False)
    op.create_index(
        "ux_log_open",
        "log",
        ["record_key"],
        unique=True,
        sqlite_where=sa.text("is_open = 1"),
        postgresql_where=sa.text("is_open"),
    )
    op.create_index(
        "ux_log_running",
        "log",
        ["serial_key"],
        unique=True,
        sqlite_where=sa.text("phase = 'sending'"),
        postgresql_where=sa.text("phase = 'sending'"),
    )


def _meta() -> None:
    op.create_table(
        "meta",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )


def _payload() -> None:
    op.create_table(
        "payload",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("dictionary_id", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )


def _payload_dictionary() -> None:
    op.create_table(
        "payload_dictionary",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _schedule_control() -> None:
    op.create_table(
        "schedule_control",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("paused_until", sa.BigInteger(), nullable=True),
        sa.Column("paused_by", sa.String(), nullable=False),
        sa.Column("paused_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _schedule_run() -> None:
    op.create_table(
        "schedule_run",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("schedule", sa.String(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("started_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ux_schedule_run_tick", "schedule_run", ["schedule", "due_at"], unique=True)


def _target() -> None:
    op.create_table(
        "target",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("api", sa.String(), nullable=False),
        sa.Column("closed_reason", sa.String(), nullable=True),
        sa.Column("closed_until", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("account", "api"),
    )


def _work_scope() -> None:
    op.create_table(
        "work_scope",
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("log_id", BIG_ID, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("owner", "log_id"),
    )


def _worker() -> None:
    op.create_table(
        "worker",
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("config_fingerprint", sa.String(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("owner"),
    )


def _log_item() -> None:
    op.create_table(
        "log_item",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("log_id", BIG_ID, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("endpoint", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("request_id", sa.String(), nullable=True),
        sa.Column("failure_class", sa.String(), nullable=True),
        sa.Column("sent_hash", sa.String(), nullable=True),
        sa.Column("received_hash", sa.String(), nullable=True),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.Column("deadline_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("completed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["log_id"],
            ["log.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_log_item_log", "log_item", ["log_id", "id"], unique=False)
    op.create_index(
        "ix_log_item_open",
        "log_item",
        ["log_id"],
        unique=True,
        sqlite_where=sa.text("completed_at IS NULL"),
        postgresql_where=sa.text("completed_at IS NULL"),
    )


def _search() -> None:
    """Words of each log: FTS5 over the log's own text on SQLite, an expression index on PostgreSQL."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE INDEX ix_log_search ON log USING gin (to_tsvector('simple', search_text))")
        return
    op.execute(
        "CREATE VIRTUAL TABLE log_search USING fts5(search_text, content='log', content_rowid='id',"
        " tokenize='unicode61 remove_diacritics 2', prefix='3 5')"
    )
    op.execute(
        "CREATE TRIGGER log_search_insert AFTER INSERT ON log BEGIN"
        " INSERT INTO log_search(rowid, search_text) VALUES (new.id, new.search_text); END"
    )
    op.execute(
        "CREATE TRIGGER log_search_delete AFTER DELETE ON log BEGIN"
        " INSERT INTO log_search(log_search, rowid, search_text) VALUES ('delete', old.id, old.search_text); END"
    )
    op.execute(
        "CREATE TRIGGER log_search_update AFTER UPDATE OF search_text ON log"
        " WHEN old.search_text <> new.search_text BEGIN"
        " INSERT INTO log_search(log_search, rowid, search_text) VALUES ('delete', old.id, old.search_text);"
        " INSERT INTO log_search(rowid, search_text) VALUES (new.id, new.search_text); END"
    )
