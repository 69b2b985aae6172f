"""Letters: about what each person wants to be told by e-mail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "plans_0004"
down_revision = "plans_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("mail_about", sa.String(), nullable=False, server_default="mine"))


def downgrade() -> None:
    with op.batch_alter_table("person") as table:
        table.drop_column("mail_about")
