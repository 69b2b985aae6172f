"""History by month on PostgreSQL. SQLite keeps its one table."""

from __future__ import annotations

from alembic import op

revision = "engine_0007"
down_revision = "engine_0006"
branch_labels = None
depends_on = None

COLUMNS = (
    "instance_id, seq, time, actor, on_behalf_of, kind, element, element_name, definition_id, payload,"
    " previous_hash, hash"
)
REFERENCES = (
    "ADD CONSTRAINT fk_history_definition_id_process_definition FOREIGN KEY (definition_id)"
    " REFERENCES process_definition (id),"
    " ADD CONSTRAINT fk_history_instance_id_instance FOREIGN KEY (instance_id) REFERENCES instance (id)"
    " DEFERRABLE INITIALLY DEFERRED"
)
# Those that have events, this one, and the next three.
MAKE_MONTHS = """
DO $$
DECLARE
    begins timestamp;
BEGIN
    FOR begins IN
        SELECT date_trunc('month', time AT TIME ZONE 'UTC') FROM history_before
        UNION SELECT date_trunc('month', now() AT TIME ZONE 'UTC') + ahead * interval '1 month'
        FROM generate_series(0, 3) AS ahead
    LOOP
        EXECUTE format(
            'CREATE TABLE history_%s PARTITION OF history FOR VALUES FROM (%L) TO (%L)',
            to_char(begins, 'YYYY_MM'),
            begins AT TIME ZONE 'UTC',
            (begins + interval '1 month') AT TIME ZONE 'UTC'
        );
    END LOOP;
END $$
"""


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    _set_aside()
    # A key of a table in parts names what it is parted by.
    op.execute("CREATE TABLE history (LIKE history_before INCLUDING DEFAULTS) PARTITION BY RANGE (time)")
    op.execute("ALTER TABLE history ADD CONSTRAINT pk_history PRIMARY KEY (instance_id, seq, time)")
    op.execute("CREATE TABLE history_rest PARTITION OF history DEFAULT")
    op.execute(MAKE_MONTHS)
    _put_back()


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    _set_aside()
    op.execute("CREATE TABLE history (LIKE history_before INCLUDING DEFAULTS)")
    op.execute("ALTER TABLE history ADD CONSTRAINT pk_history PRIMARY KEY (instance_id, seq)")
    _put_back()


def _set_aside() -> None:
    op.execute("SET CONSTRAINTS ALL IMMEDIATE")
    op.execute("ALTER TABLE history RENAME TO history_before")
    op.execute("ALTER TABLE history_before RENAME CONSTRAINT pk_history TO pk_history_before")


def _put_back() -> None:
    op.execute(f"INSERT INTO history ({COLUMNS}) SELECT {COLUMNS} FROM history_before")  # noqa: S608  a constant
    op.execute("DROP TABLE history_before")
    op.execute(f"ALTER TABLE history {REFERENCES}")
