"""사전컨설팅 요청: who waits for a permit asks the office in charge to take advice first."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from bot.dialogs.contacts import Address, Email, Phone
from bot.dialogs.fields import Card, Choice, Files, LongText, Notice, Text
from bot.dialogs.form import Form, Is
from bot.dialogs.lookup import Lookup
from bot.dialogs.passive_report import Named, Proof


class PreconsultingRequest(BaseModel):
    """The answers, as they are filed; only `waiting` is filed at all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stage: Literal["waiting", "decided", "not_yet"]
    permit: str | None = None
    permit_no: str | None = None
    office: Named | None = None
    unclear: str | None = None
    proof: tuple[Proof, ...] = ()
    name: str | None = None
    reply_by: Literal["email", "post", "phone"] | None = None
    email: str | None = None
    phone: str | None = None
    address: str | None = None


waiting = Is("stage", ("waiting",))

FORM = Form(
    "preconsulting_request",
    1,
    PreconsultingRequest,
    steps=(
        Notice("intro"),
        Choice("stage", ("waiting", "decided", "not_yet")),
        Card(
            "stage_decided",
            (("report", "command", "report"), ("menu", "command", "start")),
            when=Is("stage", ("decided",)),
        ),
        Card(
            "stage_not_yet",
            (("ordinary", "command", "ordinary"), ("menu", "command", "start")),
            when=Is("stage", ("not_yet",)),
        ),
        Text("permit", 300, lines=True, when=waiting),
        Text("permit_no", 100, optional=True, when=waiting),
        Lookup("office", "units", when=waiting),
        LongText("unclear", 4000, when=waiting, personal=True),
        Files("proof", optional=True, when=waiting, personal=True),
        Notice("notice", when=waiting, group="person"),
        Text("name", 60, veil=True, when=waiting, group="person", personal=True),
        Choice("reply_by", ("email", "post", "phone"), when=waiting, group="person"),
        Email("email", when=Is("reply_by", ("email",)), group="person", personal=True),
        Phone("phone", when=Is("reply_by", ("phone",)), group="person", personal=True),
        Address("address", when=Is("reply_by", ("post",)), group="person", personal=True),
    ),
)
