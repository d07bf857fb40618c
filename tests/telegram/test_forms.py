"""The whole report as it looks on Telegram: every step, named and by another name, two languages.

`JEOKGEUK_GOLDEN=write` writes the files anew, to be looked at.
"""

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import pytest

from bot.dialogs import engine
from bot.dialogs.events import Answer, Attach, Attached, Event, Located, Press
from bot.dialogs.form import Form
from bot.dialogs.national_application import FORM as NATIONAL
from bot.dialogs.passive_report import FORM
from bot.dialogs.state import Turn
from bot.handlers.telegram_render import DATA_BYTES, LABEL, Message, render
from tests.dialogs.chat import SITE, TEXTS, context
from tests.telegram.golden import check_text, drawn

VOICE = Attached("ref-2", "voice", mime="audio/ogg", size=1000)
STICKER = Attached("ref-3", "sticker")


@dataclass
class Screen:
    """One person's telephone: what was done and what then stood there."""

    lang: str
    form: Form[Any] = FORM
    turn: Turn = field(init=False)
    seen: list[str] = field(default_factory=list)
    shown: list[Message] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ctx = context(lang=self.lang, messenger="telegram", personal="offer")
        self._show("start", engine.start(self.form, self.ctx, 0))

    def do(self, event: Event) -> None:
        assert self.turn.state is not None, "the dialog is over"
        self._show(repr(event), engine.advance(self.form, self.turn.state, event, self.ctx))

    def says(self, text: str) -> None:
        self.do(Answer(text))

    def presses(self, role_or_value: str, nth: int = 0) -> None:
        """Press by what a button means, so that one walk does for every language."""
        assert self.turn.state is not None
        offered = self.turn.state.offered
        found = [n for n, (act, value) in enumerate(offered) if role_or_value in (act, value)]
        self.do(Press(self.turn.state.turn, found[nth]))

    def _show(self, what: str, turn: Turn) -> None:
        self.turn = turn
        speak = partial(TEXTS.spans, lang=self.lang, site=SITE)
        messages = [message for reply in turn.replies for message in render(reply, speak)]
        self.shown += messages
        self.seen.append(f"──────── {what}\n{drawn(messages)}")


def told(screen: Screen) -> None:
    """Go from the first question to the one about the name, with a mistake at each turn."""
    screen.do(Press(0, 0))  # a forged button
    screen.says("아무 말")
    screen.presses("late")
    screen.presses("skip")
    screen.presses("done")  # nothing written yet
    screen.do(Attach((STICKER,)))
    screen.do(Attach((VOICE,)))
    screen.says("보도블록이 깨져 있어요. 주민번호는 900101-1234567이에요.")
    screen.presses("done")
    screen.do(Located(37.5665, 126.978))
    screen.says("고쳐 주세요. 넘어져서 병원비가 들었어요.")
    screen.says("도로")


def named(screen: Screen) -> None:
    told(screen)
    screen.presses("named")
    screen.presses("here")
    for text in ("홍길동", "가온시 중앙로 12", "1", "틀린 주소", "hong@example.com", "2"):
        screen.says(text)
    screen.presses("kind")
    screen.presses("neglect")
    screen.presses("edit")  # [고치기]
    screen.presses("wish")
    screen.says("왜 늦었는지 알고 싶어요. " + "자세한 이야기예요. " * 40)
    screen.presses("cancel")
    screen.presses("stay")
    screen.presses("confirm")


def other_name(screen: Screen) -> None:
    told(screen)
    screen.presses("anonymous")
    for _ in range(2):  # 가명으로, 잇지 않기
        screen.presses("answer")
    screen.presses("confirm")


def applied(screen: Screen) -> None:
    """A national application to its text and the consent, with a mistake on the way."""
    for value in ("refused", "no_law", "permit"):
        screen.presses(value)
    screen.says("언제더라")
    screen.says("11월 3일")
    screen.presses("go")
    screen.says("가온시 건축과, 2026-1234")
    screen.says("옥상에서 음식을 팔고 싶어요. 주민번호는 900101-1234567이에요.")
    screen.presses("done")
    screen.presses("skip")
    screen.says("기준을 세워 주세요 **꼭**")
    screen.presses("done")
    screen.says("글쎄요")
    for value in ("later", "yes", "email"):
        screen.presses(value)
    screen.says("hong@example.com")


def closed(screen: Screen) -> None:
    """One that does not seem to fit, while the portal is closed."""
    screen.ctx = replace(screen.ctx, site={**SITE, "epeople_down": "yes"})
    screen.presses("none")
    screen.presses("go")
    for words in ("쉼터를 늘리고 싶어요", "늘려 주세요"):
        screen.says(words)
        screen.presses("done")
    screen.presses("stop")


NATIONAL_ROADS = {"applied": applied, "closed": closed}
ROADS = {"named": named, "pseudonymous": other_name}


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("road", ROADS)
def test_the_whole_report_looks_as_the_golden_file_shows(road: str, lang: str) -> None:
    screen = Screen(lang)
    ROADS[road](screen)
    looks(screen, f"passive_report/{road}.{lang}")


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("road", NATIONAL_ROADS)
def test_the_national_application_looks_as_the_golden_file_shows(road: str, lang: str) -> None:
    screen = Screen(lang, NATIONAL)
    NATIONAL_ROADS[road](screen)
    looks(screen, f"national_application/{road}.{lang}")


def looks(screen: Screen, name: str) -> None:
    check_text(name, "\n".join(screen.seen))
    for message in screen.shown:
        for key in (key for row in message.keys for key in row):
            assert len(key.label) <= LABEL
            assert not key.label.endswith("…")
            assert len((key.data or "").encode()) <= DATA_BYTES
