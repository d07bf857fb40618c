"""Second factors, accounts of the agency's own sign-in, the access log."""

import os

import sqlalchemy as sa
from alembic import op

from storage import columns as c

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None
min_code = 1  # the oldest code that may run on this schema

# The access log must not be altered (안전성 확보조치 기준 제8조: 위조·변조되지 않도록).
SQLITE = (
    """CREATE TRIGGER accesses_fixed BEFORE UPDATE ON accesses
    BEGIN SELECT RAISE(ABORT, 'the access log is not altered'); END""",
)
POSTGRESQL = (
    """CREATE FUNCTION accesses_guard() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the access log is not altered'; END $$""",
    """CREATE TRIGGER accesses_fixed BEFORE UPDATE ON accesses
    FOR EACH ROW EXECUTE FUNCTION accesses_guard()""",
)


def upgrade() -> None:
    _users()
    _second_factors()
    _recovery_codes()
    _identities()
    _accesses()
    _access_reviews()
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE if sqlite else POSTGRESQL:
        op.execute(statement)


def _users() -> None:
    op.add_column("users", sa.Column("sid", c.Sid(length=16), nullable=True))
    op.create_index(op.f("ix_users_sid"), "users", ["sid"], unique=True)
    users = sa.table("users", sa.column("id", c.Id()), sa.column("sid", c.Sid(length=16)))
    conn = op.get_bind()
    for number in conn.scalars(sa.select(users.c.id)).all():
        named = sa.update(users).where(users.c.id == number).values(sid=os.urandom(16))
        conn.execute(named)
    op.add_column(
        "user_roles", sa.Column("source", sa.String(), server_default="", nullable=False)
    )
    op.add_column("sessions", sa.Column("proved_at", c.UTCTime(), nullable=True))
    op.add_column("sessions", sa.Column("road", sa.String(), server_default="", nullable=False))
    op.create_table(
        "confirmed_roles",
        sa.Column("user_id", c.Id(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("confirmed_at", c.UTCTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_confirmed_roles_user_id")
        ),
        sa.PrimaryKeyConstraint("user_id", "role", name=op.f("pk_confirmed_roles")),
    )


def _second_factors() -> None:
    op.create_table(
        "second_factors",
        sa.Column("user_id", c.Id(), nullable=False),
        sa.Column("secret", c.SealedBytes(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("enrolled_at", c.UTCTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_second_factors_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_second_factors")),
    )


def _recovery_codes() -> None:
    op.create_table(
        "recovery_codes",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", c.Id(), nullable=False),
        sa.Column("made_at", c.UTCTime(), nullable=False),
        sa.Column("used_at", c.UTCTime(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_recovery_codes_user_id")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_recovery_codes")),
    )
    op.create_index(op.f("ix_recovery_codes_user_id"), "recovery_codes", ["user_id"])


def _identities() -> None:
    op.create_table(
        "identities",
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("user_id", c.Id(), nullable=False),
        sa.Column("linked_at", c.UTCTime(), nullable=False),
        sa.Column("seen_at", c.UTCTime(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_identities_user_id")),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_identities")),
    )
    op.create_index(op.f("ix_identities_user_id"), "identities", ["user_id"])


def _accesses() -> None:
    op.create_table(
        "accesses",
        sa.Column("id", c.Id(), nullable=False),
        sa.Column("at", c.UTCTime(), nullable=False),
        sa.Column("user_id", c.Id(), nullable=False),
        sa.Column("network", sa.String(), server_default="", nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("filing_id", c.Id(), nullable=True),
        sa.Column("sid", sa.LargeBinary(), nullable=True),
        sa.Column("count", sa.Integer(), server_default="1", nullable=False),
        sa.Column("reason", c.SealedBytes(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_accesses_user_id")),
        sa.ForeignKeyConstraint(["filing_id"], ["filings.id"], name=op.f("fk_accesses_filing_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accesses")),
        sqlite_autoincrement=True,
    )
    for column in ("at", "filing_id", "user_id"):
        op.create_index(op.f(f"ix_accesses_{column}"), "accesses", [column])


def _access_reviews() -> None:
    op.create_table(
        "access_reviews",
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("sid", c.Sid(length=16), nullable=False),
        sa.Column("task_id", c.Id(), nullable=True),
        sa.Column("made_at", c.UTCTime(), nullable=False),
        sa.Column("reviewed_at", c.UTCTime(), nullable=True),
        sa.Column("user_id", c.Id(), nullable=True),
        sa.Column("remark", c.SealedBytes(), nullable=True),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_access_reviews_task_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_access_reviews_user_id")),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_access_reviews")),
        sa.UniqueConstraint("sid", name=op.f("uq_access_reviews_sid")),
    )
