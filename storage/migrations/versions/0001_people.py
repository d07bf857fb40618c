"""Who talks, who works here, what the service knows of itself."""

import sqlalchemy as sa
from alembic import op

from storage import columns as c

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None
min_code = 1  # the oldest code that may run on this schema


def upgrade() -> None:
    _days_off()
    _inbox()
    _instance()
    _key_checks()
    _keys()
    _leases()
    _people()
    _rates()
    _runs()
    _schema_revisions()
    _units()
    _peers()
    _users()
    _consents()
    _dialogs()
    _sessions()
    _user_roles()


def _days_off() -> None:
    op.create_table(
        "days_off",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("added_at", c.UTCTime(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_days_off")),
    )


def _inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("peer_id", c.Id(), nullable=False),
        sa.Column("update_id", sa.String(), nullable=False),
        sa.Column("body_mac", sa.LargeBinary(), nullable=False),
        sa.Column("answer", c.SealedBytes(), nullable=True),
        sa.Column("at", c.UTCTime(), nullable=False),
        sa.PrimaryKeyConstraint("account", "peer_id", "update_id", name=op.f("pk_inbox")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_inbox_at"), "inbox", ["at"], unique=False)


def _instance() -> None:
    op.create_table(
        "instance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("generation", sa.String(), nullable=False),
        sa.Column("created_at", c.UTCTime(), nullable=False),
        sa.Column("last_seen", c.UTCTime(), nullable=False),
        sa.Column("clock_offset", sa.Integer(), server_default="0", nullable=False),
        sa.Column("hold", sa.String(), server_default="", nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_instance_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instance")),
    )


def _key_checks() -> None:
    op.create_table(
        "key_checks",
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("check_value", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", c.UTCTime(), nullable=False),
        sa.Column("retired_at", c.UTCTime(), nullable=True),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_key_checks")),
    )


def _keys() -> None:
    op.create_table(
        "keys",
        sa.Column("owner", c.Sid(length=16), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("key_id", sa.String(), server_default="", nullable=False),
        sa.Column("wrapped", c.SealedBytes(), nullable=True),
        sa.Column("created_at", c.UTCTime(), nullable=False),
        sa.Column("destroyed_at", c.UTCTime(), nullable=True),
        sa.PrimaryKeyConstraint("owner", "purpose", name=op.f("pk_keys")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_keys_key_id"), "keys", ["key_id"], unique=False)


def _leases() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("until", c.UTCTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
        sqlite_with_rowid=False,
    )


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("id", c.Id(), nullable=False),
        sa.Column("sid", c.Sid(length=16), nullable=False),
        sa.Column("created_at", c.UTCTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("sid", name=op.f("uq_people_sid")),
        sqlite_autoincrement=True,
    )


def _rates() -> None:
    op.create_table(
        "rates",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("tat", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_rates")),
        sqlite_with_rowid=False,
    )


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("run_key", sa.String(), nullable=False),
        sa.Column("started_at", c.UTCTime(), nullable=False),
        sa.Column("finished_at", c.UTCTime(), nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("run_key", name=op.f("pk_runs")),
    )


def _schema_revisions() -> None:
    op.create_table(
        "schema_revisions",
        sa.Column("revision", sa.String(), nullable=False),
        sa.Column("min_code", sa.Integer(), nullable=False),
        sa.Column("at", c.UTCTime(), nullable=False),
        sa.PrimaryKeyConstraint("revision", name=op.f("pk_schema_revisions")),
    )


def _units() -> None:
    op.create_table(
        "units",
        sa.Column("id", c.Id(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("aliases", sa.String(), server_default="", nullable=False),
        sa.Column("parent_id", c.Id(), nullable=True),
        sa.Column("kind", sa.String(), server_default="unit", nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("email", sa.String(), server_default="", nullable=False),
        sa.Column("open", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["units.id"], name=op.f("fk_units_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_units")),
        sa.UniqueConstraint("code", name=op.f("uq_units_code")),
        sqlite_autoincrement=True,
    )


def _peers() -> None:
    op.create_table(
        "peers",
        sa.Column("id", c.Id(), nullable=False),
        sa.Column("sid", c.Sid(length=16), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("address_ix", sa.LargeBinary(), nullable=False),
        sa.Column("ix_key_id", sa.String(), nullable=False),
        sa.Column("address", c.SealedBytes(), nullable=False),
        sa.Column("name", c.SealedBytes(), nullable=True),
        sa.Column("lang", sa.String(), server_default="ko", nullable=False),
        sa.Column("turn", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_seq", sa.Integer(), server_default="1", nullable=False),
        sa.Column("state", sa.String(), server_default="open", nullable=False),
        sa.Column("person_id", c.Id(), nullable=True),
        sa.Column("created_at", c.UTCTime(), nullable=False),
        sa.Column("seen_at", c.UTCTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_peers_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_peers")),
        sa.UniqueConstraint(
            "channel", "account", "address_ix", name=op.f("uq_peers_channel_account_address_ix")
        ),
        sa.UniqueConstraint("sid", name=op.f("uq_peers_sid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_peers_person_id"), "peers", ["person_id"], unique=False)


def _users() -> None:
    op.create_table(
        "users",
        sa.Column("id", c.Id(), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("unit_id", c.Id(), nullable=True),
        sa.Column("phone", sa.String(), server_default="", nullable=False),
        sa.Column("email", sa.String(), server_default="", nullable=False),
        sa.Column("password_hash", sa.String(), server_default="", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("epoch", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", c.UTCTime(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_users_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("login", name=op.f("uq_users_login")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_users_unit_id"), "users", ["unit_id"], unique=False)


def _consents() -> None:
    op.create_table(
        "consents",
        sa.Column("id", c.Id(), nullable=False),
        sa.Column("peer_id", c.Id(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text_version", sa.String(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("given_at", c.UTCTime(), nullable=False),
        sa.Column("withdrawn_at", c.UTCTime(), nullable=True),
        sa.ForeignKeyConstraint(["peer_id"], ["peers.id"], name=op.f("fk_consents_peer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index(op.f("ix_consents_peer_id"), "consents", ["peer_id"], unique=False)


def _dialogs() -> None:
    op.create_table(
        "dialogs",
        sa.Column("peer_id", c.Id(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("state", c.SealedBytes(), nullable=False),
        sa.Column("started_at", c.UTCTime(), nullable=False),
        sa.Column("touched_at", c.UTCTime(), nullable=False),
        sa.Column("reminded_at", c.UTCTime(), nullable=True),
        sa.ForeignKeyConstraint(["peer_id"], ["peers.id"], name=op.f("fk_dialogs_peer_id")),
        sa.PrimaryKeyConstraint("peer_id", name=op.f("pk_dialogs")),
    )


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", c.Id(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("created_at", c.UTCTime(), nullable=False),
        sa.Column("seen_at", c.UTCTime(), nullable=False),
        sa.Column("expires_at", c.UTCTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sessions_user_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_expires_at"), "sessions", ["expires_at"], unique=False)
    op.create_index(op.f("ix_sessions_user_id"), "sessions", ["user_id"], unique=False)


def _user_roles() -> None:
    op.create_table(
        "user_roles",
        sa.Column("user_id", c.Id(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("granted_at", c.UTCTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_roles_user_id")),
        sa.PrimaryKeyConstraint("user_id", "role", name=op.f("pk_user_roles")),
    )
