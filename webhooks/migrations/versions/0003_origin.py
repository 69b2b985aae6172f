"""What led to an event, for logs and traces of its deliveries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "webhooks_0003_origin"
down_revision = "webhooks_0002_receivers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("webhook_event") as batch:
        batch.add_column(sa.Column("origin", sa.JSON()))


def downgrade() -> None:
    with op.batch_alter_table("webhook_event") as batch:
        batch.drop_column("origin")
