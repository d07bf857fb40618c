"""전화 부탁하기: a number and a time, for whoever would rather be called (wording.md §11)."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from bot.dialogs.contacts import Phone
from bot.dialogs.fields import Choice, Text
from bot.dialogs.form import Form


class CallBack(BaseModel):
    """What a call needs; `about` is a line in the person's own words."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    phone: str
    wish: Literal["any", "morning", "afternoon"]
    about: str | None = None


FORM = Form(
    "call_back",
    1,
    CallBack,
    steps=(
        Phone("phone", group="call", personal=True),
        Choice("wish", ("any", "morning", "afternoon"), group="call"),
        Text("about", 200, optional=True, group="call", personal=True),
    ),
    summary=False,
)
