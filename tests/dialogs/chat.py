"""A small chat at engine level: says, presses by label, and shows turns as text."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.dialogs import engine
from bot.dialogs.events import Answer, Attach, Attached, Press, Submit
from bot.dialogs.form import Context, Form
from bot.dialogs.lookup import Entry, Table
from bot.dialogs.passive_report import FORM
from bot.dialogs.replies import Ask, Elsewhere, Option, Page, Reply, Say, Sheet, Summary
from bot.dialogs.state import State, Turn
from bot.locale import Texts
from knowledge.korean import SEOUL
from tests import shipped

TEXTS = shipped.texts()
NOW = datetime(2026, 11, 23, 10, 12, tzinfo=SEOUL)
SITE = {
    "agency": "가온시",
    "audit_unit": "감사담당관",
    "call": "031-000-1234",
    "hours": "평일 9~18시",
    "lunch": "12시~13시",
    "visit_place": "시청 1층 민원실",
    "road_call": "120",
    "days": "7",
    "draft_days": "30",
    "retention": "5년",
    "processors": "가온정보",
    "privacy_officer": "031-000-1111",
    "policy_url": "https://gaon.example/privacy",
    "self_route": "부시장",
    "damage_url": "https://gaon.example/damage",
    "corruption_url": "https://gaon.example/corruption",
    "reply_channels": "email,post,phone",
    "follow_days": "180",
    "epeople_down": "no",
}
UNITS = Table(
    {
        "units": [
            Entry("audit", "감사담당관", ("감사실", "감사과"), "self"),
            Entry("road", "도로과", ("도로", "도로관리과", "가로등")),
            Entry("building", "건축과", ("건축", "건축허가과")),
            Entry("traffic", "교통과", ("교통", "교통행정과", "주차관리과")),
            Entry("welfare", "복지정책과", ("복지", "생활보장과")),
            Entry("clean", "청소행정과", ("청소",)),
        ]
    }
)
PHOTO = Attached("ref-1", "photo", mime="image/jpeg", size=1000)


def context(**changes: Any) -> Context:
    return replace(Context(NOW, TEXTS, lookups=UNITS, site=SITE), **changes)


def say(words: Any, lang: str = "ko", texts: Texts = TEXTS) -> str:
    return texts.render(words, lang, SITE)


@dataclass
class Chat:
    """One person and one dialog. Each thing done counts as an action."""

    form: Form[Any] = FORM
    ctx: Context = field(default_factory=context)
    actions: int = 0
    log: list[str] = field(default_factory=list)
    turn: Turn = field(init=False)

    def __post_init__(self) -> None:
        self._take("", engine.start(self.form, self.ctx, 0))

    @property
    def state(self) -> State:
        assert self.turn.state is not None
        return self.turn.state

    @property
    def last(self) -> Reply:
        return self.turn.replies[-1]

    @property
    def ask(self) -> Ask:
        assert isinstance(self.last, Ask), self.last
        return self.last

    @property
    def summary(self) -> Summary:
        assert isinstance(self.last, Summary), self.last
        return self.last

    @property
    def sheet(self) -> Sheet:
        assert isinstance(self.last, Sheet), self.last
        return self.last

    @property
    def page(self) -> Page:
        assert isinstance(self.last, Page), self.last
        return self.last

    def _take(self, what: str, turn: Turn) -> "Chat":
        if what:
            self.actions += 1
            self.log.append(f"> {what}")
        self.turn = turn
        self.log += [f"< {line}" for reply in turn.replies for line in shown(reply, self.ctx)]
        return self

    def do(self, event: Any, what: str = "", **changes: Any) -> "Chat":
        before = self.state.to_json()
        turn = engine.advance(self.form, self.state, event, replace(self.ctx, **changes))
        assert self.state.to_json() == before, "the engine changed the state it was given"
        return self._take(what or repr(event), turn)

    def say(self, text: str, **changes: Any) -> "Chat":
        return self.do(Answer(text), text, **changes)

    def send(self, *files: Attached, text: str = "") -> "Chat":
        return self.do(
            Attach(files or (PHOTO,), text), f"({len(files) or 1}개 보냄) {text}".strip()
        )

    def submit(self, **answers: Any) -> "Chat":
        return self.do(Submit(self.state.turn, answers), "[다음]")

    def press(self, label: str) -> "Chat":
        items = self.last.items if isinstance(self.last, Summary) else ()
        lines = {self.read(item.label): item.edit for item in items}
        index = lines[label] if label in lines else self.find(label).index
        assert index is not None
        return self.do(Press(self.state.turn, index), f"[{label}]")

    def find(self, label: str) -> Option:
        found = [o for o in self.options() if self.read(o.label) == label]
        assert found, f"no [{label}] in {[self.read(o.label) for o in self.options()]}"
        return found[-1]

    def options(self) -> list[Option]:
        return [option for reply in self.turn.replies for option in getattr(reply, "options", ())]

    def labels(self) -> list[str]:
        return [self.read(option.label) for option in self.options()]

    def read(self, words: Any) -> str:
        return say(words, self.ctx.lang, self.ctx.texts)

    def text(self) -> str:
        return "\n".join(line for reply in self.turn.replies for line in shown(reply, self.ctx))


def shown(reply: Reply, ctx: Context) -> list[str]:
    """Write a reply as plain lines, the way a golden file keeps it."""

    def t(words: Any) -> str:
        return say(words, ctx.lang, ctx.texts)

    lines = []
    if isinstance(reply, Ask | Page):
        error = reply.error and f"! {t(reply.error)}"
        where = f"({reply.progress[0]}/{reply.progress[1]}) " if reply.progress else ""
        lines += [*filter(None, [error]), f"{where}{t(reply.text)}"]
        if isinstance(reply, Ask) and reply.hint:
            lines.append(f"  ({t(reply.hint)})")
        for ask in getattr(reply, "fields", ()):
            wrong = f" ! {t(ask.error)}" if ask.error else ""
            when = f" <{ask.shown_if[0]}={'|'.join(ask.shown_if[1])}>" if ask.shown_if else ""
            picks = " ".join(f"[{t(option.label)}]" for option in ask.options)
            value = f" = {ask.value}" if ask.value is not None else ""
            lines.append(f"  - {ask.step}: {t(ask.text)}{value}{when} {picks}{wrong}".rstrip())
    elif isinstance(reply, Summary):
        lines.append(t(reply.text))
        lines += [f"  {t(item.label)}: {t(item.value)}" for item in reply.items]
        lines += [f"  {t(reply.notice)}"] if reply.notice else []
    elif isinstance(reply, Elsewhere):
        lines += [t(reply.text), f"  -> [{t(reply.label)}]"]
    elif isinstance(reply, Sheet):
        lines.append(t(reply.text))
        for block in reply.blocks:
            lines += [
                f"  ┌ {t(block.label)}",
                *(f"  │ {one}" for one in t(block.text).split("\n")),
            ]
        lines.append(f"  = {t(reply.file)}")
    elif isinstance(reply, Say):
        lines.append(t(reply.text))
    buttons = " ".join(
        f"[{t(option.label)}]" + (" ->" if option.url else "") for option in reply.options
    )
    return [*lines, f"  {buttons}"] if buttons else lines
