"""Forms as modals: what is shown, what is read back, what is wrong where."""

import json
from collections.abc import Mapping
from typing import Any, Literal

import pytest
from pydantic import BaseModel
from slack_sdk.models.views import View

from bot.dialogs.fields import Choice, Consent, Day, Files, LongText, Many, Notice, Text
from bot.dialogs.form import Form, Found, Is
from bot.dialogs.lookup import Lookup
from bot.dialogs.replies import Card, Cards, Phrase, Say, Words
from bot.handlers.slack import modals
from bot.handlers.slack.blocks import Speak
from bot.handlers.slack.modals import DO, Meta
from bot.locale import Span, Texts
from bot.services.office import Asked
from tests.dialogs.chat import context
from tests.slack.golden import check_text, drawn
from tests.slack.test_render import DESK, NUMBER, TEXTS


class Answers(BaseModel):
    who: dict[str, Any] | None = None
    until: Literal["soon", "day"] = "soon"
    day: str | None = None
    ways: list[str] | None = None
    text: str = ""
    line: str | None = None
    proof: list[dict[str, Any]] | None = None
    agree: bool | None = None


WORDS = {
    "t.intro.ask": "누가 맡을지 정합니다.",
    "t.who.ask": "담당",
    "t.until.ask": "언제까지",
    "t.until.options.soon": "곧",
    "t.until.options.day": "날을 정해서",
    "t.day.ask": "어느 날",
    "t.day.hint": "지난 날은 고를 수 없습니다.",
    "t.ways.ask": "어떻게",
    "t.ways.options.a": "전화",
    "t.ways.options.b": "방문",
    "t.text.ask": "내용",
    "t.line.ask": "번호",
    "t.proof.ask": "자료",
    "t.agree.ask": "함께 알리기",
    "t.agree.options.yes": "예",
    "t.agree.options.no": "아니요",
}
OWN = Texts({"ko": WORDS, "en": WORDS})
FORM = Form(
    "form",
    1,
    Answers,
    (
        Notice("intro", text="t.intro"),
        Lookup("who", list="units", optional=True, text="t.who"),
        Choice("until", values=("soon", "day"), text="t.until"),
        Day("day", when=Is("until", ("day",)), past=False, text="t.day"),
        Many("ways", values=("a", "b"), optional=True, text="t.ways"),
        LongText("text", text="t.text"),
        Text("line", optional=True, text="t.line"),
        Files("proof", optional=True, most=3, text="t.proof"),
        Consent("agree", optional=True, text="t.agree"),
    ),
    summary=False,
)


def asked(form: Form[Any] = FORM, **more: Any) -> Asked:
    return Asked("assign", NUMBER, 3, "담당 정하기", form, context(texts=OWN), **more)


def speak(lang: str = "ko") -> Speak:
    def spoken(words: Words) -> tuple[Span, ...]:
        own = isinstance(words, Phrase) and words.key.startswith("t.")
        return (OWN if own else TEXTS).spans(words, lang, {})

    return spoken


def ids(view: Mapping[str, Any]) -> list[str]:
    return [one["block_id"] for one in view["blocks"] if one["type"] == "input"]


def sent(view: Mapping[str, Any], **values: Any) -> dict[str, Any]:
    """Give the view as Slack sends it back with these elements filled in."""
    state = {name: {f"f:{name}": value} for name, value in values.items()}
    return {**view, "state": {"values": state}}


def typed(text: str) -> dict[str, Any]:
    return {"type": "plain_text_input", "value": text}


def chosen(value: str) -> dict[str, Any]:
    return {"type": "radio_buttons", "selected_option": {"value": value}}


def test_every_kind_of_step_has_its_element() -> None:
    view = modals.opening(asked(), speak(), {"until": "day"})
    kinds = {one["block_id"]: one["element"]["type"] for one in view["blocks"] if "element" in one}
    assert kinds == {
        "who": "external_select",
        "until": "radio_buttons",
        "day": "datepicker",
        "ways": "checkboxes",
        "text": "plain_text_input",
        "line": "plain_text_input",
        "proof": "file_input",
        "agree": "radio_buttons",
    }
    assert view["blocks"][0]["type"] == "section"
    View(**view).validate_json()


def test_what_hangs_on_an_answer_comes_and_goes_and_what_was_typed_stays() -> None:
    first = modals.opening(asked(), speak())
    assert "day" not in ids(first)
    live = next(one for one in first["blocks"] if one.get("block_id") == "until")
    assert live["dispatch_action"]

    now = sent(first, until=chosen("day"), text=typed("적던 말"))
    second = modals.redrawn(asked(), now, speak())
    assert ids(second).index("day") == ids(second).index("until") + 1
    kept = {one["block_id"]: one["element"] for one in second["blocks"] if "element" in one}
    assert kept["text"]["initial_value"] == "적던 말"
    assert kept["until"]["initial_option"]["value"] == "day"

    back = modals.redrawn(asked(), sent(second, until=chosen("soon")), speak())
    assert ids(back) == ids(first)


def test_answers_come_back_as_they_were_given() -> None:
    view = sent(
        modals.opening(asked(), speak(), {"until": "day"}),
        until=chosen("day"),
        day={"type": "datepicker", "selected_date": "2026-12-01"},
        ways={"type": "checkboxes", "selected_options": [{"value": "a"}, {"value": "b"}]},
        text=typed("본문"),
        line={"type": "plain_text_input", "value": None},
        who={"type": "external_select", "selected_option": None},
        agree={"type": "radio_buttons", "selected_option": None},
    )
    assert modals.read(view) == {
        "until": "day",
        "day": "2026-12-01",
        "ways": ["a", "b"],
        "text": "본문",
    }


@pytest.mark.parametrize(
    "view",
    [
        {},
        {"state": None},
        {"state": {"values": {"a": "b"}}},
        {"state": {"values": {"a": {"b": 1}}}},
    ],
)
def test_a_view_that_is_none_of_ours_gives_no_answer(view: dict[str, Any]) -> None:
    assert modals.read(view) == {}
    assert modals.about(view) is None


def test_a_view_says_what_it_is_about_and_no_more() -> None:
    view = modals.opening(asked(prefill={"text": "신고 내용"}), speak())
    assert view["callback_id"] == DO
    assert modals.about(view) == Meta("assign", NUMBER, 3)
    assert "신고" not in view["private_metadata"]


@pytest.mark.parametrize(
    "text", ["", "x", "[]", '{"w":1,"n":"a","v":1}', '{"w":"a","n":"b","v":true}', "9" * 3001]
)
def test_a_note_that_was_changed_on_the_way_says_nothing(text: str) -> None:
    assert modals.about({"private_metadata": text}) is None


def test_errors_stand_at_their_fields_and_hidden_ones_at_the_first() -> None:
    view = modals.opening(asked(), speak())
    found = modals.errors({"text": "비어 있어요.", "day": "지난 날이에요."}, view, speak())
    assert found == {"text": "비어 있어요.", "who": "지난 날이에요."}
    assert modals.errors({"day": "지난 날이에요."}, modals.waiting("담당", speak()), speak()) == {}


def test_people_s_words_are_never_markup_and_never_too_long() -> None:
    evil = "<!channel> *굵게* <http://x|청렴포털> " * 200
    view = modals.opening(asked(text=evil, prefill={"text": evil, "line": evil}), speak())
    assert "mrkdwn" not in json.dumps(view)
    first = next(one["element"] for one in view["blocks"] if one.get("block_id") == "text")
    assert len(first["initial_value"]) <= first["max_length"] <= 3000
    View(**view).validate_json()


def test_a_long_text_to_read_fits_into_one_view() -> None:
    many = tuple(Card(f"항목 {n}", "말 " * 1400) for n in range(120))
    view = modals.words("신고 내용", Cards("내용", many), speak())
    assert len(view["blocks"]) <= 100
    assert "직원 화면" in drawn(view["blocks"][-1:])


def test_what_was_looked_up_becomes_options() -> None:
    assert modals.listed(asked(), "who") == "units"
    assert modals.listed(asked(), "text") == modals.listed(asked(), "nothing") == ""
    found = modals.suggestions([Found(f"u{n}", f"도로{n}과") for n in range(200)])
    assert len(found) == 100
    assert found[0] == {
        "text": {"type": "plain_text", "text": "도로0과", "emoji": False},
        "value": "u0",
    }


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_views_look_as_they_did(lang: str) -> None:
    say = speak(lang)
    views = (
        modals.opening(asked(), say),
        modals.opening(asked(), say, {"until": "day", "text": "적던 말"}),
        modals.waiting("담당 정하기", say),
        modals.refused("지금은 할 수 없습니다.", say, DESK),
        modals.done(Say("담당을 정했습니다."), say),
    )
    check_text(f"modals.{lang}", "\n════════\n".join(map(_view, views)) + "\n")


def _view(view: Mapping[str, Any]) -> str:
    ends = " ".join(f"[{view[name]['text']}]" for name in ("submit", "close") if name in view)
    return "\n".join([f"# {view['title']['text']}  {ends}", *map(_block, view["blocks"])])


def _block(block: Mapping[str, Any]) -> str:
    if block["type"] != "input":
        return drawn([block])
    element = dict(block["element"])
    mark = " (선택)" if block["optional"] else ""
    live = " ⟳" if block.get("dispatch_action") else ""
    first = element.get("initial_value") or element.get("initial_date") or ""
    first = first or (element.get("initial_option") or {}).get("value", "")
    options = " ".join(f"({one['text']['text']})" for one in element.get("options", ()))
    hint = f"\n  ({block['hint']['text']})" if "hint" in block else ""
    return f"{block['label']['text']}{mark}{live}\n  {element['type']} {options}{first}{hint}"
