"""Subscriptions, broadcasts and what became of each recipient."""

import sqlalchemy as sa
from alembic import op

from storage import columns as c

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None
min_code = 1  # the oldest code that may run on this schema


def upgrade() -> None:
    _sign_ups()
    _broadcasts()
    _subscriptions()
    _broadcast_failures()
    _broadcast_lines()
    _broadcast_pictures()
    _picture_uploads()
    _sendings()


def _sign_ups() -> None:
    op.create_table(
        "sign_ups",
        sa.Column("id", c.Id(), nullable=False),
        sa.Column("sid", c.Sid(), nullable=False),
        sa.Column("content", c.SealedBytes(), nullable=False),
        sa.Column("at", c.UTCTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ups")),
        sa.UniqueConstraint("sid", name=op.f("uq_sign_ups_sid")),
    )


def _broadcasts() -> None:
    op.create_table(
        "broadcasts",
        sa.Column("id", c.Id(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("nature", sa.String(), server_default="", nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("segment", sa.String(), nullable=False),
        sa.Column("send_at", c.UTCTime(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("author_id", c.Id(), nullable=True),
        sa.Column("made_at", c.UTCTime(), nullable=False),
        sa.Column("changed_at", c.UTCTime(), nullable=False),
        sa.Column("approved_hash", sa.String(), server_default="", nullable=False),
        sa.Column("approved_by_id", c.Id(), nullable=True),
        sa.Column("approved_at", c.UTCTime(), nullable=True),
        sa.Column("begun_at", c.UTCTime(), nullable=True),
        sa.Column("ended_at", c.UTCTime(), nullable=True),
        sa.Column("cursor", c.Id(), server_default="0", nullable=False),
        sa.Column("fanned", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("why", sa.String(), server_default="", nullable=False),
        sa.Column("corrects_id", c.Id(), nullable=True),
        sa.Column("doc_no", sa.String(), server_default="", nullable=False),
        sa.Column("confirmed", sa.String(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["users.id"], name=op.f("fk_broadcasts_approved_by_id")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_broadcasts_author_id")),
        sa.ForeignKeyConstraint(
            ["corrects_id"], ["broadcasts.id"], name=op.f("fk_broadcasts_corrects_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcasts")),
        sa.UniqueConstraint("number", name=op.f("uq_broadcasts_number")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_broadcasts_state"), "broadcasts", ["state"], unique=False)


def _subscriptions() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("id", c.Id(), nullable=False),
        sa.Column("sid", c.Sid(), nullable=False),
        sa.Column("peer_id", c.Id(), nullable=False),
        sa.Column("kinds", sa.BigInteger(), nullable=False),
        sa.Column("fields", sa.BigInteger(), nullable=False),
        sa.Column("regions", sa.BigInteger(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("text_version", sa.String(), nullable=False),
        sa.Column("asked_at", c.UTCTime(), nullable=False),
        sa.Column("on_at", c.UTCTime(), nullable=True),
        sa.Column("renewed_at", c.UTCTime(), nullable=True),
        sa.Column("renew_asked_at", c.UTCTime(), nullable=True),
        sa.Column("renew_reminded_at", c.UTCTime(), nullable=True),
        sa.Column("ended_at", c.UTCTime(), nullable=True),
        sa.Column("why", sa.String(), server_default="", nullable=False),
        sa.Column("soft", sa.Integer(), server_default="0", nullable=False),
        sa.Column("soft_at", c.UTCTime(), nullable=True),
        sa.ForeignKeyConstraint(["peer_id"], ["peers.id"], name=op.f("fk_subscriptions_peer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
        sa.UniqueConstraint("peer_id", name=op.f("uq_subscriptions_peer_id")),
        sa.UniqueConstraint("sid", name=op.f("uq_subscriptions_sid")),
        sqlite_autoincrement=True,
    )


def _broadcast_failures() -> None:
    op.create_table(
        "broadcast_failures",
        sa.Column("broadcast_id", c.Id(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("n", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["broadcast_id"], ["broadcasts.id"], name=op.f("fk_broadcast_failures_broadcast_id")
        ),
        sa.PrimaryKeyConstraint(
            "broadcast_id", "channel", "code", name=op.f("pk_broadcast_failures")
        ),
        sqlite_with_rowid=False,
    )


def _broadcast_lines() -> None:
    op.create_table(
        "broadcast_lines",
        sa.Column("broadcast_id", c.Id(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sent", sa.Integer(), server_default="0", nullable=False),
        sa.Column("gone", sa.Integer(), server_default="0", nullable=False),
        sa.Column("dead", sa.Integer(), server_default="0", nullable=False),
        sa.Column("unknown", sa.Integer(), server_default="0", nullable=False),
        sa.Column("revived", sa.Integer(), server_default="0", nullable=False),
        sa.Column("phase", sa.String(), server_default="canary", nullable=False),
        sa.Column("window_n", sa.Integer(), server_default="0", nullable=False),
        sa.Column("window_bad", sa.Integer(), server_default="0", nullable=False),
        sa.Column("gone_ok", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("speed", sa.Float(), server_default="0", nullable=False),
        sa.Column("begun_at", c.UTCTime(), nullable=True),
        sa.Column("last_at", c.UTCTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["broadcast_id"], ["broadcasts.id"], name=op.f("fk_broadcast_lines_broadcast_id")
        ),
        sa.PrimaryKeyConstraint("broadcast_id", "channel", name=op.f("pk_broadcast_lines")),
        sqlite_with_rowid=False,
    )


def _broadcast_pictures() -> None:
    op.create_table(
        "broadcast_pictures",
        sa.Column("broadcast_id", c.Id(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("png", sa.LargeBinary(), nullable=False),
        sa.Column("alt", sa.String(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["broadcast_id"], ["broadcasts.id"], name=op.f("fk_broadcast_pictures_broadcast_id")
        ),
        sa.PrimaryKeyConstraint("broadcast_id", "n", name=op.f("pk_broadcast_pictures")),
        sqlite_with_rowid=False,
    )


def _picture_uploads() -> None:
    op.create_table(
        "picture_uploads",
        sa.Column("broadcast_id", c.Id(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("vendor_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["broadcast_id"], ["broadcasts.id"], name=op.f("fk_picture_uploads_broadcast_id")
        ),
        sa.PrimaryKeyConstraint("broadcast_id", "n", "channel", name=op.f("pk_picture_uploads")),
        sqlite_with_rowid=False,
    )


def _sendings() -> None:
    op.create_table(
        "sendings",
        sa.Column("broadcast_id", c.Id(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("who", c.Id(), nullable=False),
        sa.Column("peer_id", c.Id(), nullable=False),
        sa.Column("subscription_id", c.Id(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("claims", sa.SmallInteger(), nullable=False),
        sa.Column("due_at", c.UTCTime(), nullable=True),
        sa.Column("lease_until", c.UTCTime(), nullable=True),
        sa.Column("lease_token", sa.LargeBinary(), nullable=True),
        sa.Column("code", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("broadcast_id", "channel", "who", name=op.f("pk_sendings")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_sendings_waiting",
        "sendings",
        ["broadcast_id", "channel", "who"],
        unique=False,
        postgresql_where=sa.text("status < 2"),
        sqlite_where=sa.text("status < 2"),
    )
