"""The lease of what one process does for all, the mark of payloads out of use, and PostgreSQL's word for due logs."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lease",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("ran_at", sa.BigInteger(), nullable=True),
        sa.Column("ran_by", sa.String(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.add_column("payload", sa.Column("unused_since", sa.BigInteger(), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        _due_notices()


def _due_notices() -> None:
    """One place for every statement that makes a log due, now and in later versions; the server says it at commit.

    The condition is the row's alone, so that the writes of an attempt cost nothing; equal notices of one transaction
    are one. Half a minute ahead: longer than an idle engine sleeps, and clocks differ.
    """
    soon = "NEW.due_at <= (extract(epoch FROM clock_timestamp()) * 1000000)::bigint + 30000000"
    op.execute(
        "CREATE FUNCTION vtexmon_log_due() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN NOTIFY vtexmon_due; RETURN NULL; END $$"
    )
    op.execute(
        f"CREATE TRIGGER vtexmon_log_made_due AFTER INSERT ON log FOR EACH ROW WHEN ({soon}) "
        "EXECUTE FUNCTION vtexmon_log_due()"
    )
    op.execute(
        "CREATE TRIGGER vtexmon_log_became_due AFTER UPDATE OF due_at ON log FOR EACH ROW "
        f"WHEN (NEW.due_at IS DISTINCT FROM OLD.due_at AND {soon}) EXECUTE FUNCTION vtexmon_log_due()"
    )
