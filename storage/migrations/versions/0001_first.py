"""The first schema."""

import sqlalchemy as sa
from alembic import op

from storage import columns as c

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None
min_code = 1  # the oldest code that may run on this schema

WAITING = "status IN ('pending', 'sending')"

# The journal only grows; of a row nothing but the sealed detail may be taken away (security S4).
SQLITE = (
    """CREATE TRIGGER events_stay BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END""",
    """CREATE TRIGGER events_fixed BEFORE UPDATE ON events
    WHEN NEW.detail IS NOT NULL OR NEW.id IS NOT OLD.id OR NEW.subject IS NOT OLD.subject
      OR NEW.seq IS NOT OLD.seq OR NEW.at IS NOT OLD.at OR NEW.actor IS NOT OLD.actor
      OR NEW.kind IS NOT OLD.kind OR NEW.commitment IS NOT OLD.commitment
      OR NEW.hash IS NOT OLD.hash OR NEW.key_id IS NOT OLD.key_id
    BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END""",
)
POSTGRESQL = (
    """CREATE FUNCTION events_guard() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'UPDATE' AND NEW.detail IS NULL
         AND (NEW.id, NEW.subject, NEW.seq, NEW.at, NEW.actor, NEW.kind, NEW.commitment,
              NEW.hash, NEW.key_id)
           = (OLD.id, OLD.subject, OLD.seq, OLD.at, OLD.actor, OLD.kind, OLD.commitment,
              OLD.hash, OLD.key_id)
      THEN RETURN NEW; END IF;
      RAISE EXCEPTION 'the journal only grows';
    END $$""",
    """CREATE TRIGGER events_guard BEFORE UPDATE OR DELETE ON events
    FOR EACH ROW EXECUTE FUNCTION events_guard()""",
    """CREATE TRIGGER events_whole BEFORE TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION events_guard()""",
)


def upgrade() -> None:
    op.create_table(
        "days_off",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("added_at", c.UTCTime(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_days_off")),
    )
    op.create_table(
        "events",
        sa.Column("id", c.Id(), nullable=False),
        sa.Column("subject", c.Sid(length=16), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", c.UTCTime(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("detail", c.SealedBytes(), nullable=True),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sa.UniqueConstraint("subject", "seq", name=op.f("uq_events_subject_seq")),
    )
    op.create_table(
        "heads",
        sa.Column("subject", c.Sid(length=16), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_heads")),
    )
    op.create_table(
        "inbox",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("peer_id", c.Id(), nullable=False),
        sa.Column("update_id", sa.String(), nullable=False),
        sa.Column("body_mac", sa.LargeBinary(), nullable=False),
        sa.Column("answer", c.SealedBytes(), nullable=True),
        sa.Column("at", c.UTCTime(), nullable=False),
        sa.PrimaryKeyConstraint("account", "peer_id", "update_id", name=op.f("pk_inbox")),
    )
    op.create_index(op.f("ix_inbox_at"), "inbox", ["at"], unique=False)
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
    op.create_table(
        "key_checks",
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("check_value", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", c.UTCTime(), nullable=False),
        sa.Column("retired_at", c.UTCTime(), nullable=True),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_key_checks")),
    )
    op.create_table(
        "keys",
        sa.Column("owner", c.Sid(length=16), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("key_id", sa.String(), server_default="", nullable=False),
        sa.Column("wrapped", c.SealedBytes(), nullable=True),
        sa.Column("created_at", c.UTCTime(), nullable=False),
        sa.Column("destroyed_at", c.UTCTime(), nullable=True),
        sa.PrimaryKeyConstraint("owner", "purpose", name=op.f("pk_keys")),
    )
    op.create_index(op.f("ix_keys_key_id"), "keys", ["key_id"], unique=False)
    op.create_table(
        "leases",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("until", c.UTCTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "people",
        sa.Column("id", c.Id(), nullable=False),
        sa.Column("sid", c.Sid(length=16), nullable=False),
        sa.Column("created_at", c.UTCTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("sid", name=op.f("uq_people_sid")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "rates",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("tat", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_rates")),
    )
    op.create_table(
        "roots",
        sa.Column("id", c.Id(), nullable=False),
        sa.Column("at", c.UTCTime(), nullable=False),
        sa.Column("subjects", sa.Integer(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("merkle", sa.LargeBinary(), nullable=False),
        sa.Column("prev", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roots")),
    )
    op.create_table(
        "runs",
        sa.Column("run_key", sa.String(), nullable=False),
        sa.Column("started_at", c.UTCTime(), nullable=False),
        sa.Column("finished_at", c.UTCTime(), nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("run_key", name=op.f("pk_runs")),
    )
    op.create_table(
        "schema_revisions",
        sa.Column("revision", sa.String(), nullable=False),
        sa.Column("min_code", sa.Integer(), nullable=False),
        sa.Column("at", c.UTCTime(), nullable=False),
        sa.PrimaryKeyConstraint("revision", name=op.f("pk_schema_revisions")),
    )
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
        sa.Column("open", sa.Boolean(), server_default=sa.text("1"), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["units.id"], name=op.f("fk_units_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_units")),
        sa.UniqueConstraint("code", name=op.f("uq_units_code")),
        sqlite_autoincrement=True,
    )
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
    op.create_index(op.f("ix_peers_seen_at"), "peers", ["seen_at"], unique=False)
    op.create_table(
        "users",
        sa.Column("id", c.Id(), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("unit_id", c.Id(), nullable=True),
        sa.Column("phone", sa.String(), server_default="", nullable=False),
        sa.Column("email", sa.String(), server_default="", nullable=False),
        sa.Column("password_hash", sa.String(), server_default="", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("1"), nullable=False),
        sa.Column("epoch", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", c.UTCTime(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_users_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("login", name=op.f("uq_users_login")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_users_unit_id"), "users", ["unit_id"], unique=False)
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
    op.create_index(op.f("ix_dialogs_touched_at"), "dialogs", ["touched_at"], unique=False)
    op.create_table(
        "filings",
        sa.Column("id", c.Id(), nullable=False),
        sa.Column("sid", c.Sid(length=16), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("procedure", sa.String(), nullable=False),
        sa.Column("procedure_version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), server_default="", nullable=False),
        sa.Column("peer_id", c.Id(), nullable=True),
        sa.Column("unit_id", c.Id(), nullable=True),
        sa.Column("assignee_id", c.Id(), nullable=True),
        sa.Column("lang", sa.String(), server_default="ko", nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("share", sa.String(), server_default="", nullable=False),
        sa.Column("arrived_at", c.UTCTime(), nullable=False),
        sa.Column("received_at", c.UTCTime(), nullable=True),
        sa.Column("due_at", c.UTCTime(), nullable=True),
        sa.Column("calendar_version", sa.String(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("answers", c.SealedBytes(), nullable=True),
        sa.Column("identity", c.SealedBytes(), nullable=True),
        sa.Column("exact", c.SealedBytes(), nullable=True),
        sa.Column("code_mac", sa.LargeBinary(), nullable=True),
        sa.Column("derivation", sa.String(), server_default="", nullable=False),
        sa.Column("outcome", sa.String(), server_default="", nullable=False),
        sa.Column("first_read_at", c.UTCTime(), nullable=True),
        sa.Column("closed_at", c.UTCTime(), nullable=True),
        sa.Column("overdue_noticed_at", c.UTCTime(), nullable=True),
        sa.Column("erased_at", c.UTCTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["assignee_id"], ["users.id"], name=op.f("fk_filings_assignee_id")
        ),
        sa.ForeignKeyConstraint(["peer_id"], ["peers.id"], name=op.f("fk_filings_peer_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_filings_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filings")),
        sa.UniqueConstraint("number", name=op.f("uq_filings_number")),
        sa.UniqueConstraint("sid", name=op.f("uq_filings_sid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_filings_assignee_id"), "filings", ["assignee_id"], unique=False)
    op.create_index(op.f("ix_filings_due_at"), "filings", ["due_at"], unique=False)
    op.create_index(op.f("ix_filings_peer_id"), "filings", ["peer_id"], unique=False)
    op.create_index(op.f("ix_filings_state"), "filings", ["state"], unique=False)
    op.create_index(op.f("ix_filings_unit_id"), "filings", ["unit_id"], unique=False)
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
    op.create_table(
        "user_roles",
        sa.Column("user_id", c.Id(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("granted_at", c.UTCTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_roles_user_id")),
        sa.PrimaryKeyConstraint("user_id", "role", name=op.f("pk_user_roles")),
    )
    op.create_table(
        "attachments",
        sa.Column("id", c.Id(), nullable=False),
        sa.Column("sid", c.Sid(length=16), nullable=False),
        sa.Column("filing_id", c.Id(), nullable=True),
        sa.Column("peer_id", c.Id(), nullable=True),
        sa.Column("blob", sa.String(), server_default="", nullable=False),
        sa.Column("clean_blob", sa.String(), server_default="", nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), server_default="0", nullable=False),
        sa.Column("mime", sa.String(), server_default="", nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=True),
        sa.Column("clean_mac", sa.LargeBinary(), nullable=True),
        sa.Column("name", c.SealedBytes(), nullable=True),
        sa.Column("locator", c.SealedBytes(), nullable=True),
        sa.Column("status", sa.String(), server_default="waiting", nullable=False),
        sa.Column("created_at", c.UTCTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["filing_id"], ["filings.id"], name=op.f("fk_attachments_filing_id")
        ),
        sa.ForeignKeyConstraint(["peer_id"], ["peers.id"], name=op.f("fk_attachments_peer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
        sa.UniqueConstraint("sid", name=op.f("uq_attachments_sid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_attachments_created_at"), "attachments", ["created_at"], unique=False)
    op.create_index(op.f("ix_attachments_filing_id"), "attachments", ["filing_id"], unique=False)
    op.create_index(op.f("ix_attachments_peer_id"), "attachments", ["peer_id"], unique=False)
    op.create_table(
        "deadlines",
        sa.Column("id", c.Id(), nullable=False),
        sa.Column("filing_id", c.Id(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("due_at", c.UTCTime(), nullable=True),
        sa.Column("done_at", c.UTCTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["filing_id"], ["filings.id"], name=op.f("fk_deadlines_filing_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadlines")),
        sa.UniqueConstraint("filing_id", "name", name=op.f("uq_deadlines_filing_id_name")),
    )
    op.create_index(op.f("ix_deadlines_due_at"), "deadlines", ["due_at"], unique=False)
    op.create_table(
        "extensions",
        sa.Column("id", c.Id(), nullable=False),
        sa.Column("filing_id", c.Id(), nullable=False),
        sa.Column("deadline", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("at", c.UTCTime(), nullable=False),
        sa.Column("by_user_id", c.Id(), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_user_id"], ["users.id"], name=op.f("fk_extensions_by_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["filing_id"], ["filings.id"], name=op.f("fk_extensions_filing_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extensions")),
    )
    op.create_index(op.f("ix_extensions_filing_id"), "extensions", ["filing_id"], unique=False)
    op.create_table(
        "fact_requests",
        sa.Column("id", c.Id(), nullable=False),
        sa.Column("filing_id", c.Id(), nullable=False),
        sa.Column("unit_id", c.Id(), nullable=False),
        sa.Column("by_user_id", c.Id(), nullable=True),
        sa.Column("asked", c.SealedBytes(), nullable=True),
        sa.Column("reply", c.SealedBytes(), nullable=True),
        sa.Column("state", sa.String(), server_default="open", nullable=False),
        sa.Column("due_at", c.UTCTime(), nullable=False),
        sa.Column("created_at", c.UTCTime(), nullable=False),
        sa.Column("replied_at", c.UTCTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_user_id"], ["users.id"], name=op.f("fk_fact_requests_by_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["filing_id"], ["filings.id"], name=op.f("fk_fact_requests_filing_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_fact_requests_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact_requests")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_fact_requests_filing_id"), "fact_requests", ["filing_id"], unique=False
    )
    op.create_index(op.f("ix_fact_requests_unit_id"), "fact_requests", ["unit_id"], unique=False)
    op.create_table(
        "guards",
        sa.Column("id", c.Id(), nullable=False),
        sa.Column("filing_id", c.Id(), nullable=False),
        sa.Column("unit_id", c.Id(), nullable=True),
        sa.Column("user_id", c.Id(), nullable=True),
        sa.Column("confirmed_at", c.UTCTime(), nullable=True),
        sa.ForeignKeyConstraint(["filing_id"], ["filings.id"], name=op.f("fk_guards_filing_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_guards_unit_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_guards_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guards")),
    )
    op.create_index(op.f("ix_guards_filing_id"), "guards", ["filing_id"], unique=False)
    op.create_index(op.f("ix_guards_unit_id"), "guards", ["unit_id"], unique=False)
    op.create_index(op.f("ix_guards_user_id"), "guards", ["user_id"], unique=False)
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
    op.create_index(op.f("ix_outbox_filing_id"), "outbox", ["filing_id"], unique=False)
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
    op.create_table(
        "sent_keys",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("filing_id", c.Id(), nullable=True),
        sa.Column("at", c.UTCTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["filing_id"], ["filings.id"], name=op.f("fk_sent_keys_filing_id")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sent_keys")),
    )
    op.create_index(op.f("ix_sent_keys_filing_id"), "sent_keys", ["filing_id"], unique=False)
    op.create_table(
        "stops",
        sa.Column("id", c.Id(), nullable=False),
        sa.Column("filing_id", c.Id(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("started_at", c.UTCTime(), nullable=False),
        sa.Column("ended_at", c.UTCTime(), nullable=True),
        sa.Column("until", c.UTCTime(), nullable=True),
        sa.ForeignKeyConstraint(["filing_id"], ["filings.id"], name=op.f("fk_stops_filing_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stops")),
    )
    op.create_index(op.f("ix_stops_filing_id"), "stops", ["filing_id"], unique=False)
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
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE if sqlite else POSTGRESQL:
        op.execute(statement)
