"""Filings, what belongs to them, and the journal that only grows."""

import sqlalchemy as sa
from alembic import op

from storage import columns as c

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None
min_code = 1  # the oldest code that may run on this schema

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
    _events()
    _heads()
    _roots()
    _filings()
    _attachments()
    _deadlines()
    _extensions()
    _fact_requests()
    _guards()
    _stops()
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE if sqlite else POSTGRESQL:
        op.execute(statement)


def _events() -> None:
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


def _heads() -> None:
    op.create_table(
        "heads",
        sa.Column("subject", c.Sid(length=16), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_heads")),
    )


def _roots() -> None:
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


def _filings() -> None:
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


def _attachments() -> None:
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


def _deadlines() -> None:
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


def _extensions() -> None:
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


def _fact_requests() -> None:
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


def _guards() -> None:
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


def _stops() -> None:
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
