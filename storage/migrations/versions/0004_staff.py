"""Who works where and when, deputies, what two persons decide."""

import sqlalchemy as sa
from alembic import op

from storage import columns as c

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None
min_code = 1  # the oldest code that may run on this schema


def upgrade() -> None:
    _users()
    _postings()
    _deputies()
    _unit_successors()
    _approvals()
    _right_changes()
    _present()


def _users() -> None:
    op.add_column("users", sa.Column("staff_no", sa.String(), nullable=True))
    op.add_column("users", sa.Column("title", sa.String(), server_default="", nullable=False))
    op.add_column("users", sa.Column("created_by_id", c.Id(), nullable=True))
    op.add_column("users", sa.Column("reset_by_id", c.Id(), nullable=True))
    op.create_index(op.f("ix_users_staff_no"), "users", ["staff_no"], unique=True)


def _postings() -> None:
    op.create_table(
        "postings",
        sa.Column("id", c.Id(), nullable=False),
        sa.Column("user_id", c.Id(), nullable=False),
        sa.Column("unit_id", c.Id(), nullable=False),
        sa.Column("head", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_postings_user_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_postings_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_postings")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_postings_user_id"), "postings", ["user_id"], unique=False)
    op.create_index(op.f("ix_postings_unit_id"), "postings", ["unit_id"], unique=False)


def _deputies() -> None:
    op.create_table(
        "deputies",
        sa.Column("id", c.Id(), nullable=False),
        sa.Column("person_id", c.Id(), nullable=False),
        sa.Column("deputy_id", c.Id(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("set_by_id", c.Id(), nullable=True),
        sa.Column("set_at", c.UTCTime(), nullable=False),
        sa.Column("ended_at", c.UTCTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["users.id"], name=op.f("fk_deputies_person_id")),
        sa.ForeignKeyConstraint(["deputy_id"], ["users.id"], name=op.f("fk_deputies_deputy_id")),
        sa.ForeignKeyConstraint(["set_by_id"], ["users.id"], name=op.f("fk_deputies_set_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deputies")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_deputies_person_id"), "deputies", ["person_id"], unique=False)
    op.create_index(op.f("ix_deputies_deputy_id"), "deputies", ["deputy_id"], unique=False)


def _unit_successors() -> None:
    op.create_table(
        "unit_successors",
        sa.Column("unit_id", c.Id(), nullable=False),
        sa.Column("successor_id", c.Id(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["units.id"], name=op.f("fk_unit_successors_unit_id")
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"], ["units.id"], name=op.f("fk_unit_successors_successor_id")
        ),
        sa.PrimaryKeyConstraint("unit_id", "successor_id", name=op.f("pk_unit_successors")),
    )
    op.create_index(
        op.f("ix_unit_successors_successor_id"), "unit_successors", ["successor_id"], unique=False
    )


def _approvals() -> None:
    op.create_table(
        "approvals",
        sa.Column("id", c.Id(), nullable=False),
        sa.Column("sid", c.Sid(length=16), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject_id", c.Id(), nullable=False),
        sa.Column("state", sa.String(), server_default="open", nullable=False),
        sa.Column("bound", sa.String(), server_default="", nullable=False),
        sa.Column("detail", c.SealedBytes(), nullable=False),
        sa.Column("asked_by_id", c.Id(), nullable=True),
        sa.Column("asked_at", c.UTCTime(), nullable=False),
        sa.Column("decided_by_id", c.Id(), nullable=True),
        sa.Column("decided_at", c.UTCTime(), nullable=True),
        sa.Column("decision", c.SealedBytes(), nullable=True),
        sa.Column("due_at", c.UTCTime(), nullable=True),
        sa.Column("ended_at", c.UTCTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["users.id"], name=op.f("fk_approvals_asked_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["users.id"], name=op.f("fk_approvals_decided_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
        sa.UniqueConstraint("sid", name=op.f("uq_approvals_sid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_approvals_subject_id"), "approvals", ["subject_id"], unique=False)
    op.create_index(op.f("ix_approvals_state"), "approvals", ["state"], unique=False)


def _right_changes() -> None:
    op.create_table(
        "right_changes",
        sa.Column("id", c.Id(), nullable=False),
        sa.Column("at", c.UTCTime(), nullable=False),
        sa.Column("user_id", c.Id(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("role", sa.String(), server_default="", nullable=False),
        sa.Column("by_id", c.Id(), nullable=True),
        sa.Column("approval_id", c.Id(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_right_changes_user_id")),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_right_changes_by_id")),
        sa.ForeignKeyConstraint(
            ["approval_id"], ["approvals.id"], name=op.f("fk_right_changes_approval_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_right_changes")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_right_changes_at"), "right_changes", ["at"], unique=False)
    op.create_index(op.f("ix_right_changes_user_id"), "right_changes", ["user_id"], unique=False)


def _present() -> None:
    """Begin everybody's posting on the day of the account: what was before is not known."""
    users = sa.table(
        "users",
        sa.column("id", c.Id()),
        sa.column("unit_id", c.Id()),
        sa.column("created_at", c.UTCTime()),
    )
    postings = sa.table(
        "postings",
        sa.column("user_id", c.Id()),
        sa.column("unit_id", c.Id()),
        sa.column("first_day", sa.Date()),
    )
    found = op.get_bind().execute(sa.select(users).where(users.c.unit_id.is_not(None))).all()
    rows = [
        {"user_id": one.id, "unit_id": one.unit_id, "first_day": one.created_at.date()}
        for one in found
    ]
    if rows:
        op.get_bind().execute(sa.insert(postings), rows)
