"""국민신청 길잡이: whether it fits, and the words for it (지방공무원 적극행정 운영규정 제17조의2).

It is filed at 국민신문고 alone. What is written here is made ready to be taken there.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict

from bot.dialogs.contacts import Email
from bot.dialogs.fields import Card, Choice, Day, LongText, Notice, Text
from bot.dialogs.form import Form, Is
from bot.dialogs.replies import Block, Phrase
from bot.dialogs.sheet import TakeAway
from bot.settings_values import EPEOPLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.dialogs.form import Answers, Context
    from bot.dialogs.replies import Param

ID = "national_application"
TITLE = 60
"""Signs of a title that is made of the first line of what somebody wanted to do."""


class NationalApplication(BaseModel):
    """The answers. What was not asked or skipped is None."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    notice: Literal["refused", "not_adopted", "none"]
    reason: Literal["no_law", "unclear", "forbidden", "other", "unknown"] | None = None
    said: str | None = None
    kind: Literal["permit", "question", "proposal", "grievance", "minor", "unknown"] | None = None
    notified: date | None = None
    ref: str | None = None
    goal: str
    quote: str | None = None
    wish: str
    sent: Literal["filed", "later", "stop"]
    follow: Literal["no", "yes"] = "no"
    reply_by: Literal["here", "email"] | None = None
    email: str | None = None


Verdict = Literal["fits", "no", "unsure"]


def verdict(answers: Answers) -> Verdict:
    """Say what the three answers come to; nothing that the law does not say excludes anybody."""
    notice, reason, kind = (answers.get(name) for name in ("notice", "reason", "kind"))
    if notice == "none" or kind == "minor" or reason in {"forbidden", "other"}:
        return "no"
    if reason == "unknown" or kind == "unknown":
        return "unsure"
    return "fits"


def _why(answers: Answers) -> Phrase:
    """Give the reason of the verdict, the one that decides."""
    notice, reason, kind = (answers.get(name) for name in ("notice", "reason", "kind"))
    if notice == "none":
        found = "no_notice"
    elif kind == "minor":
        found = "minor"
    elif reason in {"forbidden", "other"}:
        found = str(reason)
    elif reason == "unknown":
        found = "reason_unknown"
    else:
        found = "kind_unknown" if kind == "unknown" else f"{notice}_{reason}"
    return Phrase(f"{ID}.why.{found}")


def _roads(answers: Answers) -> list[Param]:
    """Give the other roads, the nearest first."""
    notice, reason, kind = (answers.get(name) for name in ("notice", "reason", "kind"))
    if notice == "none":
        names = ["report", "ordinary"]
    elif notice == "not_adopted":
        names = ["reexam"]
    else:
        names = ["objection" if kind == "permit" else "grievance", "report"]
    if reason == "forbidden":
        names.insert(1, "reform")
    return [Phrase(f"{ID}.road.{name}") for name in names]


def _clock(answers: Answers, ctx: Context) -> Phrase:
    """Say which time limit runs meanwhile; a date only where the agency has looked it up."""
    name = {"refused": "objection", "not_adopted": "suggestion_reexam"}.get(
        str(answers.get("notice")), ""
    )
    days = ctx.site.get(f"limits.{name}.days")
    notified = answers.get("notified")
    ours = answers.get("notice") == "not_adopted" or answers.get("kind") == "permit"
    if not (days and notified and ours):
        return Phrase(f"{ID}.clock.unknown" if name else f"{ID}.clock.none")
    # The day of the notice does not count (민법 제157조); holidays lengthen nothing here, so that
    # nobody comes too late by what we say.
    until = date.fromisoformat(str(notified)) + timedelta(days=int(days))
    params: dict[str, Param] = {
        "date": str(notified),
        "name": Phrase(f"{ID}.clock.{name}"),
        "until": until.isoformat(),
        "checked": ctx.site[f"limits.{name}.checked"],
    }
    return Phrase(f"{ID}.clock.{'over' if until < ctx.today else 'runs'}", params)


def _says(answers: Answers, ctx: Context) -> Mapping[str, Param]:
    return {"why": _why(answers), "roads": _roads(answers), "clock": _clock(answers, ctx)}


def compose(answers: Answers, ctx: Context) -> tuple[Block, ...]:
    """Make the application of the answers alone, under Korean headings: officials read it.

    What somebody wrote stays as it was written.
    """

    def ours(key: str, **params: Param) -> str:
        return ctx.texts.render(Phrase(f"{ID}.{key}", params), "ko", ctx.site)

    goal, wish = (str(answers.get(name) or "") for name in ("goal", "wish"))
    got = [str(answers["ref"])] if answers.get("ref") else []
    if answers.get("notified"):
        got.append(ours("text.notified", date=str(answers["notified"])))
    about = [ours("text.goal", text=goal)]
    about += [ours("text.got", text="\n".join(got))] if got else []
    reason = answers.get("reason")
    why = [ours(f"text.reason.{reason}")] if reason in {"no_law", "unclear"} else []
    quote = answers.get("quote") or answers.get("said")
    why += [ours("text.quote", text=str(quote))] if quote else []
    parts = {
        "title": title(goal),
        "content": "\n\n".join(about),
        "reason": "\n\n".join(why),
        "effect": wish,
    }
    return tuple(Block(Phrase(f"{ID}.block.{name}"), text) for name, text in parts.items() if text)


def title(goal: str) -> str:
    """Give the first line of what somebody wanted, cut at a word where it is long."""
    first = goal.strip().partition("\n")[0].strip()
    if len(first) <= TITLE:
        return first
    cut = first[: TITLE - 1]
    return (cut.rpartition(" ")[0] or cut).rstrip(" .,") + "…"


def _had(answers: Answers) -> bool:
    return answers.get("notice") in {"refused", "not_adopted"}


def _fits(answers: Answers) -> bool:
    return verdict(answers) == "fits"


def _not(answers: Answers) -> bool:
    return verdict(answers) == "no"


def _unsure(answers: Answers) -> bool:
    return verdict(answers) == "unsure"


def _quoted(answers: Answers) -> bool:
    return bool(answers.get("said"))


GO = ("go", "answer", "")
HUMAN = ("human", "command", "human")
OUT = ("report", "command", "switch passive_report")

FORM = Form(
    ID,
    1,
    NationalApplication,
    steps=(
        Notice("intro"),
        Notice("down", unless=("epeople_down", "no")),
        Choice("notice", ("refused", "not_adopted", "none")),
        Choice("reason", ("no_law", "unclear", "forbidden", "other", "unknown"), when=_had),
        Text(
            "said", 1000, lines=True, optional=True, personal=True, when=Is("reason", ("unknown",))
        ),
        Choice(
            "kind",
            ("permit", "question", "proposal", "grievance", "minor", "unknown"),
            when=Is("notice", ("refused",)),
        ),
        Day("notified", future=False, optional=True, when=_had),
        Card("fits", (GO,), says=_says, when=_fits),
        Card("no", (OUT, GO), says=_says, when=_not),
        Card("unsure", (HUMAN, GO), says=_says, when=_unsure),
        Text("ref", 300, lines=True, optional=True, personal=True, when=_had),
        LongText("goal", 2000, personal=True),
        Text(
            "quote",
            1500,
            lines=True,
            optional=True,
            personal=True,
            when=_had,
            ask="if_unknown",
            known=_quoted,
        ),
        LongText("wish", 2000, personal=True),
        TakeAway(
            "sent",
            ("filed", "later", "stop"),
            makes=compose,
            link=EPEOPLE,
            switch="epeople_down",
            instead="portal",
        ),
        Choice("follow", ("no", "yes"), when=Is("sent", ("filed", "later"))),
        Choice("reply_by", ("here", "email"), when=Is("follow", ("yes",))),
        Email("email", when=Is("reply_by", ("email",)), personal=True),
    ),
    summary=False,
    carries={
        "goal": ("passive_report.what",),
        "wish": ("passive_report.wish",),
        "ref": ("passive_report.prior_no",),
    },
)
