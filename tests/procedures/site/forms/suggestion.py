"""A proposal that somebody makes to the office: the whole form of a new procedure."""

from typing import Literal

from pydantic import BaseModel

from bot.dialogs.contacts import Phone
from bot.dialogs.fields import Choice, LongText, Notice, Text
from bot.dialogs.form import Form

AREAS = ("permit", "welfare", "other")


class Suggestion(BaseModel):
    """What is proposed, and by whom."""

    idea: str
    area: Literal["permit", "welfare", "other"] | None = None
    gain: str | None = None
    name: str
    phone: str


FORM = Form(
    "suggestion",
    1,
    Suggestion,
    steps=(
        Notice("intro"),
        LongText("idea", 2000, personal=True),
        Choice("area", AREAS, optional=True),
        Text("gain", 500, optional=True, lines=True),
        Text("name", 60, veil=True, group="person", personal=True),
        Phone("phone", group="person", personal=True),
    ),
)
