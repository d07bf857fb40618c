"""Every step as it is shown, in both languages: read the files, they are the review.

To write them anew: `JEOKGEUK_GOLDEN=1 python -m pytest tests/dialogs/test_golden.py`.
"""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from bot.dialogs.events import Answer
from bot.dialogs.form import Context
from bot.dialogs.national_application import FORM as NATIONAL
from bot.dialogs.replies import Say
from tests.dialogs.chat import PHOTO, Chat, context

GOLDEN = Path(__file__).parents[1] / "golden" / "dialogs"
STORY = "10월부터 중앙시장 앞 길이 파여서 세 번 전화했는데 그대로예요"
ASIDE = (Say("7일이에요"),)


def press(chat: Chat, index: int) -> Chat:
    """Press by place, whatever the language."""
    return chat.press(chat.labels()[index])


def step(chat: Chat, name: str, number: int) -> Chat:
    """Choose by number, whatever the language."""
    assert chat.ask.step == name
    return chat.do(Answer(str(number)), f"{number}")


def to_who(chat: Chat) -> Chat:
    step(chat, "prior", 1).say("11월 초 전화").say(STORY).say("끝")
    return step(chat.say("고쳐 주세요"), "unit", 1).send(PHOTO).say("끝")


def named(ctx: Context) -> Chat:
    chat = step(to_who(Chat(ctx=ctx)), "who", 1)
    if ctx.personal == "offer":
        chat.do(Answer(chat.labels()[0]), "[1]")
    for words in ("김영수", "가온시 중앙로 12", "3", "010-1234-5678", "1"):
        chat.say(words)
    return chat.say("네")


def paged(ctx: Context) -> Chat:
    chat = step(to_who(Chat(ctx=replace(ctx, pages=True))), "who", 1)
    chat.submit(name="김영수", address="몰라요", reply_by="email", email="hong")
    chat.submit(address="가온시 중앙로 12", email="hong@example.com")
    return chat.say("네")


def anonymous(ctx: Context) -> Chat:
    chat = Chat(ctx=replace(ctx, messenger="telegram", personal="offer"))
    step(to_who(chat), "who", 2)
    step(chat, "who_messenger", 2)
    return step(chat, "link", 1).say("네")


def beside(ctx: Context) -> Chat:
    """Cards, errors, asides, hidden numbers, candidates, editing, stopping."""
    chat = Chat(ctx=ctx)
    chat.say("글쎄").say("글쎄").say("글쎄").say("며칠 걸려요?", aside=ASIDE)
    chat.say("4").say("2").say("900101-1234567 돈봉투를 요구했고 담이 무너질 것 같아요")
    chat.say("며칠 걸려요?", aside=ASIDE).say("2").say("끝").say("모르겠어요").say(
        "우울증이 있어요"
    )
    chat.say("1").say("그냥 고쳐 주세요").say("건축허가 담당").say("2").say("없어요").say("2")
    return chat.say("2").say("1").say("그만").say("2").say("그만").say("1")


def applied(ctx: Context) -> Chat:
    """A national application that fits, with a mistake, a look back and the consent."""
    chat = Chat(form=NATIONAL, ctx=ctx)
    step(step(step(chat, "notice", 1), "reason", 1), "kind", 1).say("언제더라").say("2026-11-03")
    step(chat, "fits", 1).say("가온시 건축과 2026-1234").say("옥상에서 음식을 팔고 싶어요")
    chat.say("허가 기준이 없다고 해요").say("끝").say("관련 규정이 없어 허가할 수 없음")
    chat.say("기준을 만들어 주세요. 작은 가게들이 함께 좋아져요").say("끝")
    chat.say("모르겠는데요").say("뒤로").say("끝").say("2")
    chat.say("뒤로").say("1")
    return chat.say("2").say("2").say("hong@example.com")


def refused(ctx: Context) -> Chat:
    """One that does not seem to fit, and one of which nobody can tell, to the end without consent."""
    chat = Chat(form=NATIONAL, ctx=replace(ctx, site={**ctx.site, "epeople_down": "yes"}))
    step(chat, "notice", 3)
    chat.say("뒤로").say("2")
    step(chat, "reason", 5).say("법이 없다고만 적혀 있어요").say("없어요")
    step(chat, "unsure", 2).say("없어요").say("쓰레기 수거 요일을 알려 주는 전광판").say("끝")
    return chat.say("시범으로 해 주세요").say("끝").say("그래요").say("4")


NATIONAL_SCENES = {"applied": applied, "refused": refused}
SCENES = {"named": named, "paged": paged, "anonymous": anonymous, "beside": beside}


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("scene", SCENES)
def test_every_step_looks_as_it_was_last_looked_at(scene: str, lang: str):
    check(SCENES[scene](context(lang=lang)), f"report_{scene}.{lang}.txt")


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("scene", NATIONAL_SCENES)
def test_every_step_of_the_national_application_looks_so(scene: str, lang: str):
    check(NATIONAL_SCENES[scene](context(lang=lang)), f"national_{scene}.{lang}.txt")


def check(chat: Chat, name: str) -> None:
    text = "\n".join(chat.log) + f"\n= {chat.turn.outcome}\n"
    path = GOLDEN / name
    if os.environ.get("JEOKGEUK_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
