"""All tables. Models are for schema and types; statements use the Core tables below."""

from storage.models.base import metadata, table
from storage.models.conversations import Consent, Dialog, Inbox, Outbox, Peer, Person, SentKey
from storage.models.counter import Call, Crowd, Finder, Sketch
from storage.models.counts import DialogCount, Publication
from storage.models.data_life import Disposal, DisposalItem, Hold
from storage.models.desk import ExternalNumber, SavedView, Template
from storage.models.duties import AgencyDate, Confirmation, QueueCheck
from storage.models.filings import (
    Attachment,
    DayOff,
    Deadline,
    Event,
    Extension,
    FactRequest,
    Filing,
    Guard,
    Head,
    Root,
    Stop,
    Task,
    Unit,
)  # fmt: skip
from storage.models.guards import StandIn
from storage.models.knowing import Case, CaseDraft, Faq, Question, QuestionAsker, Version
from storage.models.machinery import DataKey, Instance, KeyCheck, Lease, Rate, Run, SchemaRevision
from storage.models.newsletters import (
    Broadcast,
    BroadcastFailure,
    BroadcastLine,
    BroadcastPicture,
    PictureUpload,
    Sending,
    SignUp,
    Subscription,
)
from storage.models.office import OfficialLink, Posted, Snooze
from storage.models.people import Approval, Deputy, Posting, RightChange, UnitSuccessor
from storage.models.relay import RelayCase, RelayFile, RelayItem
from storage.models.signing_in import (
    Access,
    AccessReview,
    ConfirmedRole,
    Identity,
    RecoveryCode,
    SecondFactor,
)
from storage.models.staff import Session, Ticket, User, UserRole
from storage.models.walls import DeskKeyCheck, Errand, KeyReader
from storage.models.watch import Heartbeat, Switch

people = table(Person)
peers = table(Peer)
dialogs = table(Dialog)
consents = table(Consent)
inbox = table(Inbox)
outbox = table(Outbox)
sent_keys = table(SentKey)
filings = table(Filing)
stops = table(Stop)
extensions = table(Extension)
deadlines = table(Deadline)
guards = table(Guard)
stand_ins = table(StandIn)
fact_requests = table(FactRequest)
attachments = table(Attachment)
events = table(Event)
heads = table(Head)
roots = table(Root)
tasks = table(Task)
units = table(Unit)
days_off = table(DayOff)
users = table(User)
user_roles = table(UserRole)
sessions = table(Session)
tickets = table(Ticket)
second_factors = table(SecondFactor)
recovery_codes = table(RecoveryCode)
identities = table(Identity)
confirmed_roles = table(ConfirmedRole)
accesses = table(Access)
access_reviews = table(AccessReview)
postings = table(Posting)
deputies = table(Deputy)
unit_successors = table(UnitSuccessor)
approvals = table(Approval)
right_changes = table(RightChange)
instance = table(Instance)
schema_revisions = table(SchemaRevision)
keys = table(DataKey)
key_checks = table(KeyCheck)
leases = table(Lease)
runs = table(Run)
rates = table(Rate)
saved_views = table(SavedView)
templates = table(Template)
external_numbers = table(ExternalNumber)
official_links = table(OfficialLink)
posted = table(Posted)
snoozes = table(Snooze)
holds = table(Hold)
disposals = table(Disposal)
disposal_items = table(DisposalItem)
calls = table(Call)
finders = table(Finder)
sketches = table(Sketch)
crowds = table(Crowd)
heartbeats = table(Heartbeat)
switches = table(Switch)
desk_keys = table(DeskKeyCheck)
key_readers = table(KeyReader)
errands = table(Errand)
dialog_counts = table(DialogCount)
publications = table(Publication)
queue_checks = table(QueueCheck)
confirmations = table(Confirmation)
agency_dates = table(AgencyDate)
cases = table(Case)
case_drafts = table(CaseDraft)
faqs = table(Faq)
questions = table(Question)
question_askers = table(QuestionAsker)
versions = table(Version)
subscriptions = table(Subscription)
sign_ups = table(SignUp)
broadcasts = table(Broadcast)
broadcast_lines = table(BroadcastLine)
broadcast_failures = table(BroadcastFailure)
sendings = table(Sending)
broadcast_pictures = table(BroadcastPicture)
picture_uploads = table(PictureUpload)
relay_files = table(RelayFile)
relay_items = table(RelayItem)
relay_cases = table(RelayCase)

__all__ = [
    "Access",
    "AccessReview",
    "AgencyDate",
    "Approval",
    "Attachment",
    "Broadcast",
    "BroadcastFailure",
    "BroadcastLine",
    "BroadcastPicture",
    "Call",
    "Case",
    "CaseDraft",
    "Confirmation",
    "ConfirmedRole",
    "Consent",
    "Crowd",
    "DataKey",
    "DayOff",
    "Deadline",
    "Deputy",
    "DeskKeyCheck",
    "Dialog",
    "DialogCount",
    "Disposal",
    "DisposalItem",
    "Errand",
    "Event",
    "Extension",
    "ExternalNumber",
    "FactRequest",
    "Faq",
    "Filing",
    "Finder",
    "Guard",
    "Head",
    "Heartbeat",
    "Hold",
    "Identity",
    "Inbox",
    "Instance",
    "KeyCheck",
    "KeyReader",
    "Lease",
    "OfficialLink",
    "Outbox",
    "Peer",
    "Person",
    "PictureUpload",
    "Posted",
    "Posting",
    "Publication",
    "Question",
    "QuestionAsker",
    "QueueCheck",
    "Rate",
    "RecoveryCode",
    "RelayCase",
    "RelayFile",
    "RelayItem",
    "RightChange",
    "Root",
    "Run",
    "SavedView",
    "SchemaRevision",
    "SecondFactor",
    "Sending",
    "SentKey",
    "Session",
    "SignUp",
    "Sketch",
    "Snooze",
    "StandIn",
    "Stop",
    "Subscription",
    "Task",
    "Template",
    "Ticket",
    "Unit",
    "UnitSuccessor",
    "User",
    "UserRole",
    "Version",
    "access_reviews",
    "accesses",
    "agency_dates",
    "approvals",
    "attachments",
    "broadcast_failures",
    "broadcast_lines",
    "broadcast_pictures",
    "broadcasts",
    "calls",
    "case_drafts",
    "cases",
    "confirmations",
    "confirmed_roles",
    "consents",
    "crowds",
    "days_off",
    "deadlines",
    "deputies",
    "desk_keys",
    "dialog_counts",
    "dialogs",
    "disposal_items",
    "disposals",
    "errands",
    "events",
    "extensions",
    "external_numbers",
    "fact_requests",
    "faqs",
    "filings",
    "finders",
    "guards",
    "heads",
    "heartbeats",
    "holds",
    "identities",
    "inbox",
    "instance",
    "key_checks",
    "key_readers",
    "keys",
    "leases",
    "metadata",
    "official_links",
    "outbox",
    "peers",
    "people",
    "picture_uploads",
    "posted",
    "postings",
    "publications",
    "question_askers",
    "questions",
    "queue_checks",
    "rates",
    "recovery_codes",
    "relay_cases",
    "relay_files",
    "relay_items",
    "right_changes",
    "roots",
    "runs",
    "saved_views",
    "schema_revisions",
    "second_factors",
    "sendings",
    "sent_keys",
    "sessions",
    "sign_ups",
    "sketches",
    "snoozes",
    "stand_ins",
    "stops",
    "subscriptions",
    "switches",
    "table",
    "tasks",
    "templates",
    "tickets",
    "unit_successors",
    "units",
    "user_roles",
    "users",
    "versions",
]
