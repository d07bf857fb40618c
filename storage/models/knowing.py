"""What the agency knows: cases and answers of its own, questions that nobody could answer."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from storage.columns import Id
from storage.models import base as col
from storage.models.base import Moment, Ref, Table


class Case(Table, table=True):
    """A case that somebody here wrote, imported or changed; `knowledge.cases.Case` says the rest.

    A row whose `ref` is that of a shipped case stands in its place.
    """

    __tablename__ = "cases"
    __table_args__ = (col.AUTO,)
    id: int | None = col.row_id()
    ref: str = Field(unique=True)
    kind: str
    status: str = Field(index=True)  # draft, reviewed, published, withdrawn
    lang: str
    agency: str = col.text()
    unit: str = col.text()
    region: str = col.text()
    year: int | None = None
    field: str = col.text()
    title: str
    problem: str = col.text()
    action: str = col.text()
    effect: str = col.text()
    keywords: str = col.text()  # one on each line
    law: str = col.text()
    source: str = col.text()
    permission: str = col.text()
    programme: str = col.text()
    note: str = col.text()
    detail: str
    origin: str  # written, imported, shipped (changed here), filing
    version: int = col.number()  # how often it was changed: two who write at once
    author_id: Ref = col.ref("users.id", null=True)  # who changed its words last
    reviewer_id: Ref = col.ref("users.id", null=True)
    made_at: datetime = col.moment()
    changed_at: datetime = col.moment(index=True)
    reviewed_at: Moment = col.moment(null=True)
    published_at: Moment = col.moment(null=True)
    withdrawn_at: Moment = col.moment(null=True)
    reason: str = col.text()  # why it was sent back or withdrawn
    held: bool = col.flag()  # found by who looks for it, sent to nobody


class CaseDraft(Table, table=True):
    """What the audit office makes of a closed filing: sealed until two persons let it out."""

    __tablename__ = "case_drafts"
    __table_args__ = (col.AUTO,)
    id: int | None = col.row_id()
    sid: bytes = col.sid()
    filing_id: int = col.ref("filings.id", index=True)
    state: str  # open, asked, released, dropped, taken_back
    content: bytes = col.sealed()  # JSON: the case as it would stand, what was checked
    version: int = col.number()
    author_id: int = col.ref("users.id")
    reviewer_id: Ref = col.ref("users.id", null=True)
    case_id: Ref = col.ref("cases.id", null=True)  # what became of it
    made_at: datetime = col.moment()
    changed_at: datetime = col.moment()


class Faq(Table, table=True):
    """An answer of the agency's own; one with the `ref` of a shipped answer stands in its place."""

    __tablename__ = "faqs"
    __table_args__ = (col.AUTO,)
    id: int | None = col.row_id()
    ref: str = Field(unique=True)
    status: str = Field(index=True)  # draft, published, withdrawn
    lang: str
    audience: str = col.text()
    category: str = col.text()
    question: str
    also: str = col.text()  # one on each line
    answer: str
    source: str = col.text()  # one on each line
    confidence: str = col.text()
    origin: str = col.text()  # written, shipped (changed here)
    proposed: str = col.text()  # JSON: the words that wait for a second person, "" for none
    version: int = col.number()
    author_id: Ref = col.ref("users.id", null=True)  # who proposed its words last
    reviewer_id: Ref = col.ref("users.id", null=True)
    made_at: datetime = col.moment()
    changed_at: datetime = col.moment()
    published_at: Moment = col.moment(null=True)


class Question(Table, table=True):
    """What was asked and not answered, as it was left for the officials; of whom it is not known."""

    __tablename__ = "questions"
    __table_args__ = (col.AUTO,)
    id: int | None = col.row_id()
    sid: bytes = col.sid()
    mark: bytes = Field(sa_type=sa.LargeBinary, unique=True)  # keyed: the same words again
    text: bytes = col.sealed()
    lang: str
    state: str = Field(index=True)  # open, answered, dropped
    times: int = col.number(1)
    first_at: datetime = col.moment()
    last_at: datetime = col.moment()
    faq_id: Ref = col.ref("faqs.id", null=True)
    closed_at: Moment = col.moment(null=True)
    reason: str = col.text()  # why it was dropped


class QuestionAsker(Table, table=True):
    """Who wants to hear when there is an answer; gone once it was told."""

    __tablename__ = "question_askers"
    __table_args__ = col.KEYED
    question_id: int = Field(primary_key=True, foreign_key="questions.id", sa_type=Id)
    peer_id: int = Field(primary_key=True, foreign_key="peers.id", sa_type=Id)
    asked_at: datetime = col.moment()


class Version(Table, table=True):
    """How often something was changed that every process keeps in memory."""

    __tablename__ = "versions"
    __table_args__ = col.KEYED
    name: str = Field(primary_key=True)  # cases, faqs
    number: int = col.number()
