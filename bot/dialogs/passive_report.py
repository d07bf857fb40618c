"""소극행정 신고: the report that an office does not do what it should (지방공무원 적극행정 운영규정 제17조의3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict

from bot.dialogs import first_words
from bot.dialogs.contacts import Address, Email, Phone
from bot.dialogs.fields import Card, Choice, Consent, Files, LongText, Notice, Place, Text
from bot.dialogs.form import Form, Is
from bot.dialogs.lookup import Lookup
from knowledge import slots

if TYPE_CHECKING:
    from bot.dialogs.form import Answers


class Spot(BaseModel):
    """A place in words, or on the map in WGS 84 degrees."""

    model_config = ConfigDict(frozen=True)

    text: str = ""
    lat: float | None = None
    lon: float | None = None


class Named(BaseModel):
    """A unit: its code ("" = not known, `label` are the citizen's words) and its name then."""

    model_config = ConfigDict(frozen=True)

    value: str
    label: str
    note: str = ""


class Proof(BaseModel):
    """A file that came with the report, by its name in our own storage."""

    model_config = ConfigDict(frozen=True)

    ref: str
    kind: Literal["photo", "document", "voice"]
    name: str = ""
    size: int = 0
    mime: str = ""


class PassiveReport(BaseModel):
    """The answers, as they are filed. What was not asked or skipped is None."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    prior: Literal["answered", "late", "waiting", "first", "unknown"]
    prior_no: str | None = None
    what: str
    when_where: Spot | None = None
    wish: str
    sensitive: bool | None = None
    unit: Named | None = None
    proof: tuple[Proof, ...] = ()
    who: Literal["named", "anonymous"]
    name: str | None = None
    address: str | None = None
    reply_by: Literal["email", "sms", "post", "phone"] | None = None
    email: str | None = None
    phone: str | None = None
    call_time: Literal["any", "morning", "afternoon"] | None = None
    share: Literal["with_name", "ask_first", "no"] = "ask_first"
    link: Literal["no", "news"] = "no"
    kind: Literal["expedient", "neglect", "armchair", "self_serving", "unknown"] | None = None


def _told_before(answers: Answers) -> bool:
    return answers.get("prior") != "first"


def _told(answers: Answers) -> str:
    return str(answers.get("what") or "")


def _knows_when_or_where(answers: Answers) -> bool:
    return slots.tells_when_or_where(_told(answers))


def _has_proof(answers: Answers) -> bool:
    return bool(answers.get("proof"))


def _sensitive(answers: Answers) -> bool:
    return slots.sensitive(_told(answers)) or slots.sensitive(str(answers.get("wish") or ""))


def _unit_words(answers: Answers) -> tuple[str, ...]:
    return slots.find_unit_words(_told(answers))


def _audits_itself(answers: Answers) -> bool:
    unit = answers.get("unit")
    return isinstance(unit, dict) and unit.get("note") == "self"


named = Is("who", ("named",))
anonymous = Is("who", ("anonymous",))

PRIOR = ("answered", "late", "waiting", "first", "unknown")
# 적당편의, 업무해태, 탁상행정, 기타 관 중심 행정: asked in words that people use.
KINDS = ("expedient", "neglect", "armchair", "self_serving", "unknown")

FORM = Form(
    "passive_report",
    1,
    PassiveReport,
    steps=(
        Notice("intro", infos=("other",)),
        Choice("prior", PRIOR),
        Card(
            "prior_first",
            (("tell_unit", "command", "ordinary"), ("go", "answer", "")),
            when=Is("prior", ("first",)),
        ),
        Card(
            "prior_waiting",
            (("go", "answer", ""), ("how", "show", "passive_report.prior_waiting.how")),
            when=Is("prior", ("waiting",)),
        ),
        Text("prior_no", 100, optional=True, when=_told_before),
        LongText("what", 4000, personal=True),
        Place("when_where", optional=True, ask="if_unknown", known=_knows_when_or_where),
        Text("wish", 1000, lines=True, presets=("facts",), personal=True, remarks=("injury",)),
        # 개인정보 보호법 제23조: asked apart, and only when such words were seen.
        Consent("sensitive", ("what", "wish"), when=_sensitive),
        Lookup("unit", "units", _unit_words, free=True, optional=True, shown="always"),
        Notice("unit_self", when=_audits_itself),
        Files(
            "proof",
            optional=True,
            ask="if_unknown",
            known=_has_proof,
            personal=True,
            shown="always",
        ),
        Choice("who", ("named", "anonymous")),
        Card(
            "who_messenger",
            (("web", "command", "web"), ("go", "answer", "")),
            when=anonymous,
            on="messenger",
        ),
        Notice("notice", when=named, group="person", infos=("rest",)),
        Text("name", 60, veil=True, when=named, group="person", personal=True, infos=("joint",)),
        Address(
            "address", when=named, unless=("need_address", "none"), group="person", personal=True
        ),
        Choice(
            "reply_by",
            ("email", "sms", "post", "phone"),
            site="reply_channels",
            when=named,
            group="person",
        ),
        Email("email", when=Is("reply_by", ("email",)), group="person", personal=True),
        Phone("phone", when=Is("reply_by", ("sms", "phone")), group="person", personal=True),
        Choice(
            "call_time",
            ("any", "morning", "afternoon"),
            default="any",
            when=Is("reply_by", ("phone",)),
            group="person",
            ask="edit",
        ),
        Choice(
            "share",
            ("ask_first", "with_name", "no"),
            default="ask_first",
            when=named,
            group="person",
        ),
        Choice("link", ("no", "news"), default="no", when=anonymous, on="messenger"),
        Choice("kind", KINDS, optional=True, ask="edit"),
        Notice("notice_anonymous", when=anonymous, text="passive_report.notice", infos=("rest",)),
    ),
    carries={
        "what": ("ordinary.what", "national_application.goal"),
        "when_where": ("ordinary.when_where",),
        "wish": ("ordinary.wish", "national_application.wish"),
        "prior_no": ("national_application.ref",),
    },
    reads=first_words.read,
)
