"""Indexes of the work items that are to be done, by who has them and by whom they are offered to.

They take the place of an index of all that ever were.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "engine_0008"
down_revision = "engine_0007"
branch_labels = None
depends_on = None

KEYS = ["status", "due_at", "created_at", "id"]
WAITS = "status IN ('open', 'claimed')"
OFFER = """
UPDATE work_item SET offered = (
  SELECT CASE count(*) WHEN 0 THEN NULL WHEN 1 THEN min(candidate.kind || ':' || candidate.name) ELSE '*' END
  FROM work_item_candidate AS candidate WHERE candidate.work_item_id = work_item.id
) WHERE status IN ('open', 'claimed')
"""


def upgrade() -> None:
    op.add_column("work_item", sa.Column("offered", sa.String()))
    op.execute(OFFER)
    op.drop_index("ix_work_item_status_due_at", "work_item")
    _index("ix_work_item_waiting", ["assignee", *KEYS])
    _index("ix_work_item_offered", ["offered", *KEYS, "assignee"])


def downgrade() -> None:
    op.drop_index("ix_work_item_offered", "work_item")
    op.drop_index("ix_work_item_waiting", "work_item")
    op.create_index("ix_work_item_status_due_at", "work_item", ["status", "due_at"])
    op.drop_column("work_item", "offered")


def _index(name: str, columns: list[str]) -> None:
    where = sa.text(WAITS)
    op.create_index(name, "work_item", columns, sqlite_where=where, postgresql_where=where)
