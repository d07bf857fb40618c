"""A receiver and a backing that fit in memory, with the manners of the real ones."""

import hashlib
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event as Flag
from threading import Lock

from bot.channel import Inbound
from bot.dialogs.events import Answer, Attach, Attached, Command, Event, Press, Submit
from bot.dialogs.replies import Ask, Item, Option, Page, Receipt, Reply, Say, Summary, Words
from bot.errors import Conflict, Refused
from bot.handlers.chat.parts import Waiting, WebParts
from bot.locale import SHIPPED, Texts
from bot.receive import Received

SITE = {
    "agency": "가온시",
    "audit_unit": "감사담당관",
    "call": "041-120",
    "hours": "평일 오전 9시~오후 6시",
    "lunch": "낮 12시~오후 1시",
    "visit_place": "가온시청 2층 감사담당관",
    "policy_url": "https://www.example.go.kr/privacy",
    "privacy_officer": "감사담당관 041-120",
    "processors": "없음",
    "retention": "10년",
}
NOW = datetime(2026, 11, 23, 1, 12, tzinfo=UTC)


def _texts() -> Texts:
    """Read our own file and what our pages borrow: the rest is made up by the fakes."""

    def flat(table: dict, prefix: str = "") -> dict[str, str]:
        found: dict[str, str] = {}
        for name, value in table.items():
            more = flat(value, f"{prefix}{name}.") if isinstance(value, dict) else None
            found |= {f"{prefix}{name}": value.strip("\n")} if more is None else more
        return found

    return Texts(
        {
            lang: {
                key: text
                for name in ("web", "start", "status", "passive_report", "news", "subscribing")
                for key, text in flat(
                    tomllib.loads((SHIPPED / lang / f"{name}.toml").read_text("utf-8"))
                ).items()
            }
            for lang in ("ko", "en")
        },
        strict=True,
    )


TEXTS = _texts()


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


def randoms() -> Callable[[int], bytes]:
    """Give bytes that differ each time and are the same in each run."""
    state = [0]

    def random(count: int) -> bytes:
        state[0] += 1
        return hashlib.shake_256(state[0].to_bytes(4, "big")).digest(count)

    return random


Answering = Callable[[Event, int], Sequence[Reply]]


def report(event: Event, turn: int) -> Sequence[Reply]:
    """Answer as a small report would: three questions, a page, a summary, a receipt."""
    if isinstance(event, Press) and event.index == 9:
        return (
            Receipt("2026-7K3M-Q9", "신고를 접수했어요.", "2026-12-01", "AAAA-BBBB", turn=turn),
        )
    if isinstance(event, Press) and event.index == 8:
        return (
            Page(
                "person", "이름과 주소를 적어 주세요.",
                (
                    Ask("name", "text", "이름", turn),
                    Ask("email", "email", "전자우편", turn, optional=True),
                ),
                turn, options=(Option("다음", "done", 0), Option("뒤로", "back", 1)),
            ),
        )  # fmt: skip
    if isinstance(event, Submit):
        if not event.answers.get("name"):
            fields = (Ask("name", "text", "이름", turn, error="이름을 적어 주세요."),)
            return (Page("person", "이름과 주소를 적어 주세요.", fields, turn),)
        said = str(event.answers["name"])
        return (
            Summary(
                "이렇게 낼게요.",
                (
                    Item("name", "이름", said, 3),
                    Item("what", "무슨 일", "길이 파였어요", 4, "길이…"),
                ),
                turn,
                (
                    Option("안내를 보았고 이대로 내기", "confirm", 9),
                    Option("그만두기", "cancel", 2),
                ),
            ),
        )
    if isinstance(event, Attach):
        names = ", ".join(file.ref for file in event.files)
        return (Say(f"받았어요: {names} {event.text}"),)
    heard = event.text if isinstance(event, Answer) else getattr(event, "name", "press")
    error = "적으신 내용이 없어요." if isinstance(event, Answer) and not heard.strip() else None
    return (
        Say(f"들었어요: {heard}"),
        Ask(
            "what", "long", "무슨 일이 있었나요?", turn,
            hint="언제, 어디서", error=error, progress=(2, 9),
            options=(Option("다 썼어요", "done", 8), Option("뒤로", "back", 1)),
        ),
    )  # fmt: skip


class FakeTalk:
    """Keeps the receiver's promises: one answer per id, conflicts told, codes never repeated."""

    def __init__(self, answering: Answering = report) -> None:
        self.answering = answering
        self.peers: dict[str, int] = {}
        self.turns: dict[str, int] = {}
        self.open: dict[str, tuple[Reply, ...]] = {}
        self.inbox: dict[tuple[str, str], tuple[bytes, tuple[Reply, ...]]] = {}
        self.heard: list[Inbound] = []
        self.failure: Exception | None = None
        self._lock = Lock()

    async def receive(self, inbound: Inbound) -> Received:
        with self._lock:
            if self.failure is not None:
                raise self.failure
            peer_id = self.peers.setdefault(inbound.address, len(self.peers) + 1)
            seen = self.inbox.get((inbound.address, inbound.update_id))
            if seen is not None:
                if seen[0] != inbound.body:
                    raise Conflict("inbox.conflict")
                replies = tuple(
                    replace(reply, code=None) if isinstance(reply, Receipt) else reply
                    for reply in seen[1]
                )
                turn = self.turns[inbound.address]
                return Received(replies, inbound.lang or "ko", peer_id, turn, repeated=True)
            turn = self.turns.get(inbound.address, 0) + 1
            replies = tuple(self.answering(inbound.event, turn))
            self.turns[inbound.address] = turn
            self.inbox[inbound.address, inbound.update_id] = (inbound.body, replies)
            self.open[inbound.address] = replies
            self.heard.append(inbound)
            return Received(replies, inbound.lang or "ko", peer_id, turn)

    async def show(self, channel: str, account: str, address: str, lang: str | None) -> Received:
        return Received(
            self.open.get(address, ()), lang or "ko", self.peers[address],
            self.turns.get(address, 0),
        )  # fmt: skip


class FakeBack:
    """What lies behind the pages."""

    def __init__(self, talk: FakeTalk) -> None:
        self.talk = talk
        self.rows: list[Waiting] = []
        self.arrived: dict[int, int] = {}
        self.marked = Flag()
        self.files: list[tuple[str, str, bytes]] = []
        self.erased: set[str] = set()
        self.asked = 0

    def find(self, address: str) -> int | None:
        return None if address in self.erased else self.talk.peers.get(address)

    def seen(self, peer_id: int) -> int:
        return self.arrived.get(peer_id, 0)

    def waiting(self, after: Mapping[int, int]) -> Sequence[Waiting]:
        self.asked += 1
        found = [row for row in self.rows if row.seq > after.get(row.peer_id, row.seq)]
        return sorted(found, key=lambda row: (row.peer_id, row.seq))

    def mark_seen(self, peer_id: int, upto: int) -> None:
        self.arrived[peer_id] = upto
        self.marked.set()

    def published(self) -> None:
        return None

    def keep(self, address: str, name: str, data: bytes) -> Attached:
        if data.startswith(b"MZ"):
            raise Refused("web.problem.type.detail")
        self.files.append((address, name, data))
        return Attached(f"blob{len(self.files)}", "photo", name, len(data), "image/png")

    def seal(self, purpose: str, value: str) -> str:
        return hashlib.sha256(f"{purpose}|{value}".encode()).hexdigest()


def notice(peer_id: int, seq: int, words: Words) -> Waiting:
    return Waiting(peer_id, seq, "ko", Say(words))


def parts(**changes: object) -> WebParts:
    """Give parts for tests; `talk` and `back` may be passed in."""
    talk = changes.pop("talk", None) or FakeTalk()
    values: dict[str, object] = {
        "talk": talk,
        "back": FakeBack(talk),
        "texts": TEXTS,
        "site": SITE,
        "menu": (("report", "passive_report.menu"),),
        "url": "https://talk.example.go.kr",
        "now": Clock(),
        "random": randoms(),
    }
    return WebParts(**(values | changes))


def command(name: str) -> Command:
    return Command(name)
