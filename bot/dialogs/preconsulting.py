"""사전컨설팅: an opinion of the audit office before a disposition (지방공무원 적극행정 운영규정 제5조)."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from bot.dialogs.fields import Choice, Consent, Day, Files, LongText, Notice, Text
from bot.dialogs.form import Form, Is, Step
from bot.dialogs.passive_report import Proof

GROUNDS = ("disposed", "clear", "unreviewed", "pending")
"""What it is not for (전북교육청 사전컨설팅 제외 대상): each leads to another road."""


class Preconsulting(BaseModel):
    """The application as it is filed: never changed, and what was not asked is None."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    disposed: Literal["no"]
    clear: Literal["no"]
    unreviewed: Literal["no"]
    pending: Literal["no"]
    task: str
    background: str
    question_1: str
    question_2: str | None = None
    question_3: str | None = None
    laws: str
    sides: Literal["two", "one"]
    view_a: str
    view_b: str | None = None
    only_why: str | None = None
    opinion: str
    effect: str
    wanted_by: str | None = None
    wanted_why: str | None = None
    files: tuple[Proof, ...] = ()
    declare: Literal[True]


def _grounds() -> tuple[Step, ...]:
    """Give each ground with the other road, which stands there as soon as it is chosen."""
    return tuple(
        step
        for name in GROUNDS
        for step in (
            Choice(name, ("no", "yes"), only=("no",)),
            Notice(f"{name}_road", when=Is(name, ("yes",))),
        )
    )


FORM = Form(
    "preconsulting",
    1,
    Preconsulting,
    summary=False,
    steps=(
        Notice("intro"),
        *_grounds(),
        Text("task", 200),
        LongText("background", 4000),
        Text("question_1", 300, lines=True),
        Text("question_2", 300, lines=True, optional=True),
        Text("question_3", 300, lines=True, optional=True),
        LongText("laws", 4000),
        Choice("sides", ("two", "one")),
        LongText("view_a", 4000),
        LongText("view_b", 4000, when=Is("sides", ("two",))),
        LongText("only_why", 2000, when=Is("sides", ("one",))),
        LongText("opinion", 4000),
        LongText("effect", 4000),
        Day("wanted_by", optional=True, past=False),
        Text("wanted_why", 300, lines=True, optional=True),
        Files("files", optional=True, most=10),
        Consent("declare"),
    ),
)
