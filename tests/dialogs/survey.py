"""A form with every kind of step, for what the report does not use."""

from datetime import date
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel

from bot.dialogs.contacts import Address, Email, Phone
from bot.dialogs.fields import (
    Card,
    Choice,
    Consent,
    Day,
    Files,
    LongText,
    Many,
    Notice,
    Place,
    Text,
)
from bot.dialogs.form import Form, Is
from bot.dialogs.lookup import Lookup
from bot.locale import Texts


class Survey(BaseModel):
    mood: Literal["good", "bad"]
    why: str | None = None
    colours: list[str]
    day: date
    story: str
    where: dict[str, Any] | None = None
    unit: dict[str, Any]
    phone: str | None = None
    email: str | None = None
    address: str | None = None
    files: list[dict[str, Any]] = []
    agree: bool


_STEPS = (
    Notice("hello"),
    Choice("mood", ("good", "bad")),
    Card("comfort", (("go", "answer", ""),), when=Is("mood", ("bad",))),
    Text("why", optional=True, when=Is("mood", ("bad",))),
    Many("colours", ("red", "green", "blue")),
    Day("day"),
    LongText("story", 200),
    Place("where", optional=True),
    Lookup("unit", "units"),
    Phone("phone", optional=True, group="contact"),
    Email("email", optional=True, group="contact"),
    Address("address", optional=True, group="contact"),
    Files("files", 2, optional=True),
    Consent("agree"),
)
FORM = Form("survey", 1, Survey, _STEPS)
QUICK = Form("survey", 1, Survey, _STEPS, summary=False)

_NAMES = {
    "mood": "기분", "why": "까닭", "colours": "색깔", "day": "날짜", "story": "이야기",
    "where": "어디", "unit": "어느 부서", "phone": "전화", "email": "메일",
    "address": "사는 곳", "files": "파일", "agree": "동의", "hello": "인사", "comfort": "위로",
}  # fmt: skip
_MORE = {
    "mood.options.good": "좋아요",
    "mood.options.bad": "나빠요",
    "comfort.options.go": "괜찮아요",
    "colours.options.red": "빨강",
    "colours.options.green": "초록",
    "colours.options.blue": "파랑",
    "story.more": "더요",
    "story.begun": "쓴 것 {text}",
    "story.error.voice": "소리",
    "unit.candidates": "어느 것",
    "unit.options.not_here": "없어요",
    "agree.options.yes": "동의해요",
    "agree.options.no": "동의하지 않아요",
    "contact.page": "연락처",
    "summary.text": "요약",
    "summary.confirm": "내기",
}


@cache
def texts(shipped: Texts) -> Texts:
    """Give the shipped texts with those of this form."""
    own = {f"survey.{name}.ask": f"{label}?" for name, label in _NAMES.items()}
    own |= {f"survey.{name}.label": label for name, label in _NAMES.items()}
    own |= {f"survey.{key}": text for key, text in _MORE.items()}
    return Texts(
        {
            lang: {key: shipped.raw(key, lang) for key in shipped.keys(lang)} | own
            for lang in shipped.languages
        },
        strict=True,
    )
