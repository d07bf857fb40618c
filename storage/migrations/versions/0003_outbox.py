"""What goes out, what was said once, links that work once, tasks."""

import sqlalchemy as sa
from alembic import op

from storage import columns as c

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None
min_code = 1  # the oldest code that may run on this schema


def upgrade() -> None:
    _outbox()
    _sent_keys()
    _tasks()
    _tickets()


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", c.Id(), nullable=False),
        sa.Column("peer_id", c.Id(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("payload", c.SealedBytes(), nullable=True),
        sa.Column("filing_id", c.Id(), nullable=True),
        sa.Column("broadcast_id", c.Id(), nullable=True),
        sa.Column("status", sa.String(), server_default="pending", nullable=False),
        sa.Column("due_at", c.UTCTime(), nullable=False),
        sa.Column("since", c.UTCTime(), nullable=False),
        sa.Column("expires_at", c.UTCTime(), nullable=True),
        sa.Column("lease_until", c.UTCTime(), nullable=True),
        sa.Column("lease_token", sa.LargeBinary(), nullable=True),
        sa.Column("claims", sa.Integer(), server_default="0", nullable=False),
        sa.Column("problem", sa.String(), server_default="", nullable=False),
        sa.Column("valid_rule", sa.String(), server_default="", nullable=False),
        sa.Column("message_id", sa.String(), server_default="", nullable=False),
        sa.Column("created_at", c.UTCTime(), nullable=False),
        sa.Column("settled_at", c.UTCTime(), nullable=True),
        sa.ForeignKeyConstraint(["filing_id"], ["filings.id"], name=op.f("fk_outbox_filing_id")),
        sa.ForeignKeyConstraint(["peer_id"], ["peers.id"], name=op.f("fk_outbox_peer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("peer_id", "seq", name=op.f("uq_outbox_peer_id_seq")),
    )
    op.create_index(
        "ix_outbox_filing_id",
        "outbox",
        ["filing_id"],
        unique=False,
        postgresql_where=sa.text("filing_id IS NOT NULL"),
        sqlite_where=sa.text("filing_id IS NOT NULL"),
    )
    op.create_index(
        "ix_outbox_in_line",
        "outbox",
        ["peer_id", "rank", "seq"],
        unique=False,
        postgresql_where=sa.text("status IN ('pending', 'sending')"),
        sqlite_where=sa.text("status IN ('pending', 'sending')"),
    )
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["channel", "rank", "due_at"],
        unique=False,
        postgresql_where=sa.text("status IN ('pending', 'sending')"),
        sqlite_where=sa.text("status IN ('pending', 'sending')"),
    )


def _sent_keys() -> None:
    op.create_table(
        "sent_keys",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("filing_id", c.Id(), nullable=True),
        sa.Column("at", c.UTCTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["filing_id"], ["filings.id"], name=op.f("fk_sent_keys_filing_id")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sent_keys")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_sent_keys_filing_id"), "sent_keys", ["filing_id"], unique=False)


def _tasks() -> None:
    op.create_table(
        "tasks",
        sa.Column("id", c.Id(), nullable=False),
        sa.Column("filing_id", c.Id(), nullable=True),
        sa.Column("outbox_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), server_default="", nullable=False),
        sa.Column("created_at", c.UTCTime(), nullable=False),
        sa.Column("done_at", c.UTCTime(), nullable=True),
        sa.Column("done_by_id", c.Id(), nullable=True),
        sa.ForeignKeyConstraint(["done_by_id"], ["users.id"], name=op.f("fk_tasks_done_by_id")),
        sa.ForeignKeyConstraint(["filing_id"], ["filings.id"], name=op.f("fk_tasks_filing_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
    )
    op.create_index(op.f("ix_tasks_filing_id"), "tasks", ["filing_id"], unique=False)


def _tickets() -> None:
    op.create_table(
        "tickets",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("sid", c.Sid(length=16), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("peer_id", c.Id(), nullable=True),
        sa.Column("user_id", c.Id(), nullable=True),
        sa.Column("filing_id", c.Id(), nullable=True),
        sa.Column("detail", c.SealedBytes(), nullable=True),
        sa.Column("expires_at", c.UTCTime(), nullable=False),
        sa.Column("used_at", c.UTCTime(), nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", c.UTCTime(), nullable=False),
        sa.ForeignKeyConstraint(["filing_id"], ["filings.id"], name=op.f("fk_tickets_filing_id")),
        sa.ForeignKeyConstraint(["peer_id"], ["peers.id"], name=op.f("fk_tickets_peer_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_tickets_user_id")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_tickets")),
        sa.UniqueConstraint("sid", name=op.f("uq_tickets_sid")),
    )
    op.create_index(op.f("ix_tickets_expires_at"), "tickets", ["expires_at"], unique=False)
    op.create_index(op.f("ix_tickets_filing_id"), "tickets", ["filing_id"], unique=False)
    op.create_index(op.f("ix_tickets_peer_id"), "tickets", ["peer_id"], unique=False)
    op.create_index(op.f("ix_tickets_user_id"), "tickets", ["user_id"], unique=False)
