"""Questions that hang on what was filed, and answers that lead to another road."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal

import pytest
from pydantic import BaseModel

from bot.dialogs.fields import Choice, Text
from bot.dialogs.form import Context, Errors, Form, Pick, Reject
from bot.dialogs.preconsulting import FORM as APPLICATION
from bot.dialogs.preconsulting_request import FORM as REQUEST
from bot.dialogs.replies import Phrase
from bot.dialogs.told import Told
from bot.errors import BadStart
from tests import shipped

NOW = datetime(2026, 11, 23, 1, 12, tzinfo=UTC)


class Answered(BaseModel):
    ready: Literal["no"]
    second: str | None = None


FORM = Form(
    "preconsulting",
    1,
    Answered,
    steps=(Choice("ready", ("no", "yes"), only=("no",)), Text("second", of="question_2")),
    summary=False,
)


@pytest.fixture
def ctx() -> Context:
    return Context(now=NOW, texts=shipped.texts())


def test_a_question_is_asked_where_the_filing_has_what_it_is_about(ctx: Context):
    asked = replace(ctx, filed={"question_2": "조건을 붙일 수 있습니까?"})
    assert [step.name for step in FORM.visible({}, ctx)] == ["ready"]
    assert [step.name for step in FORM.visible({}, asked)] == ["ready", "second"]
    wrong = FORM.validate({"ready": "no"}, asked)
    assert isinstance(wrong, Errors)
    assert set(wrong.by) == {"second"}
    assert FORM.validate({"ready": "no", "second": "묻지 않은 답"}, ctx) == Answered(ready="no")


def test_its_words_say_what_it_is_about(ctx: Context):
    asked = replace(ctx, filed={"question_2": "조건을 붙일 수 있습니까?"})
    step = FORM.steps[1]
    assert step.ask_words("x", {}, asked) == Phrase("x.ask", {"of": "조건을 붙일 수 있습니까?"})


def test_what_may_not_be_asked_is_not_demanded_of_the_answers():
    class Sure(BaseModel):
        second: str

    with pytest.raises(BadStart, match="기본값이 있어야"):
        Form("sure", 1, Sure, steps=(Text("second", of="question_2"),))


def test_an_answer_that_cannot_be_gone_on_with_says_where_else_to_go(ctx: Context):
    step = APPLICATION.step("clear")
    assert step is not None
    assert step.parse("no", ctx) == "no"
    wrong = APPLICATION.validate({"clear": "yes"}, ctx)
    assert isinstance(wrong, Errors)
    assert wrong.by["clear"].key == "preconsulting.clear.error.road"


def test_the_request_asks_nothing_more_of_who_has_his_decision(ctx: Context):
    names = {step.name for step in REQUEST.visible({"stage": "decided"}, ctx)}
    assert names == {"intro", "stage", "stage_decided"}
    whole = REQUEST.visible({"stage": "waiting", "reply_by": "email"}, ctx)
    assert {"office", "unclear", "name", "email"} <= {step.name for step in whole}


def test_lines_that_were_told_are_what_is_chosen_from(ctx: Context):
    step = Told("unmet", of="told")
    asked = replace(ctx, filed={"told": ["보수: 받아들임", "가" * 61]})
    picks = [Pick("보수: 받아들임", "보수: 받아들임"), Pick("가" * 61, "가" * 59 + "…")]
    assert step.options("x", {}, asked) == picks
    assert step.parse("보수: 받아들임", asked) == ["보수: 받아들임"]
    assert step.ask_words("x", {}, asked) == Phrase("x.ask")
    assert step.show("x", ["보수"]) == Phrase("list", {"items": ["보수"]})
    assert step.show("x", None) == Phrase("list", {"items": []})
    with pytest.raises(Reject):
        step.parse("듣지 못한 줄", asked)
    assert step.options("x", {}, ctx) == []
