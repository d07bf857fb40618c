"""Cases and answers of the agency's own, drafts from closed filings, questions left open."""

import sqlalchemy as sa
from alembic import op

from storage import columns as c

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None
min_code = 1  # the oldest code that may run on this schema


def upgrade() -> None:
    _versions()
    _cases()
    _faqs()
    _drafts()
    _questions()


def _versions() -> None:
    op.create_table(
        "versions",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_versions")),
        sqlite_with_rowid=False,
    )


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", c.Id(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), server_default="", nullable=False),
        sa.Column("unit", sa.String(), server_default="", nullable=False),
        sa.Column("region", sa.String(), server_default="", nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("field", sa.String(), server_default="", nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("problem", sa.String(), server_default="", nullable=False),
        sa.Column("action", sa.String(), server_default="", nullable=False),
        sa.Column("effect", sa.String(), server_default="", nullable=False),
        sa.Column("keywords", sa.String(), server_default="", nullable=False),
        sa.Column("law", sa.String(), server_default="", nullable=False),
        sa.Column("source", sa.String(), server_default="", nullable=False),
        sa.Column("permission", sa.String(), server_default="", nullable=False),
        sa.Column("programme", sa.String(), server_default="", nullable=False),
        sa.Column("note", sa.String(), server_default="", nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("author_id", c.Id(), nullable=True),
        sa.Column("reviewer_id", c.Id(), nullable=True),
        sa.Column("made_at", c.UTCTime(), nullable=False),
        sa.Column("changed_at", c.UTCTime(), nullable=False),
        sa.Column("reviewed_at", c.UTCTime(), nullable=True),
        sa.Column("published_at", c.UTCTime(), nullable=True),
        sa.Column("withdrawn_at", c.UTCTime(), nullable=True),
        sa.Column("reason", sa.String(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_cases_author_id")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["users.id"], name=op.f("fk_cases_reviewer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("ref", name=op.f("uq_cases_ref")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_cases_status"), "cases", ["status"], unique=False)


def _faqs() -> None:
    op.create_table(
        "faqs",
        sa.Column("id", c.Id(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("audience", sa.String(), server_default="", nullable=False),
        sa.Column("category", sa.String(), server_default="", nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("also", sa.String(), server_default="", nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("source", sa.String(), server_default="", nullable=False),
        sa.Column("confidence", sa.String(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("author_id", c.Id(), nullable=True),
        sa.Column("reviewer_id", c.Id(), nullable=True),
        sa.Column("made_at", c.UTCTime(), nullable=False),
        sa.Column("changed_at", c.UTCTime(), nullable=False),
        sa.Column("published_at", c.UTCTime(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_faqs_author_id")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["users.id"], name=op.f("fk_faqs_reviewer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_faqs")),
        sa.UniqueConstraint("ref", name=op.f("uq_faqs_ref")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_faqs_status"), "faqs", ["status"], unique=False)


def _drafts() -> None:
    op.create_table(
        "case_drafts",
        sa.Column("id", c.Id(), nullable=False),
        sa.Column("sid", c.Sid(length=16), nullable=False),
        sa.Column("filing_id", c.Id(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("content", c.SealedBytes(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("author_id", c.Id(), nullable=False),
        sa.Column("reviewer_id", c.Id(), nullable=True),
        sa.Column("case_id", c.Id(), nullable=True),
        sa.Column("made_at", c.UTCTime(), nullable=False),
        sa.Column("changed_at", c.UTCTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_case_drafts_author_id")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_drafts_case_id")),
        sa.ForeignKeyConstraint(
            ["filing_id"], ["filings.id"], name=op.f("fk_case_drafts_filing_id")
        ),
        sa.ForeignKeyConstraint(
            ["reviewer_id"], ["users.id"], name=op.f("fk_case_drafts_reviewer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_drafts")),
        sa.UniqueConstraint("sid", name=op.f("uq_case_drafts_sid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_case_drafts_filing_id"), "case_drafts", ["filing_id"], unique=False)


def _questions() -> None:
    op.create_table(
        "questions",
        sa.Column("id", c.Id(), nullable=False),
        sa.Column("sid", c.Sid(length=16), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("text", c.SealedBytes(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("times", sa.Integer(), server_default="1", nullable=False),
        sa.Column("first_at", c.UTCTime(), nullable=False),
        sa.Column("last_at", c.UTCTime(), nullable=False),
        sa.Column("faq_id", c.Id(), nullable=True),
        sa.Column("closed_at", c.UTCTime(), nullable=True),
        sa.ForeignKeyConstraint(["faq_id"], ["faqs.id"], name=op.f("fk_questions_faq_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questions")),
        sa.UniqueConstraint("mark", name=op.f("uq_questions_mark")),
        sa.UniqueConstraint("sid", name=op.f("uq_questions_sid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_questions_state"), "questions", ["state"], unique=False)
    op.create_table(
        "question_askers",
        sa.Column("question_id", c.Id(), nullable=False),
        sa.Column("peer_id", c.Id(), nullable=False),
        sa.Column("asked_at", c.UTCTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["peer_id"], ["peers.id"], name=op.f("fk_question_askers_peer_id")
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["questions.id"], name=op.f("fk_question_askers_question_id")
        ),
        sa.PrimaryKeyConstraint("question_id", "peer_id", name=op.f("pk_question_askers")),
        sqlite_with_rowid=False,
    )
