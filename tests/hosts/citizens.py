"""Citizens who file reports whatever happens: what was not acknowledged is sent again, as it was.

Each says the same things in the same order, with a mark of his own in his words, on the page (its
API) or on the messenger. They go to any of the public hosts, as a balancer would lead them.
"""

import asyncio
import itertools
import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import aiohttp

from bot.services.codes import SIGNS
from tests.hosts.vendor import Push, Telegram

FORM = (
    "네, 답을 들었는데 그대로예요",
    "없어요",
    "10월부터 {mark} 시장 앞 길이 파여서 세 번 전화했는데 그대로예요.",
    "다 썼어요",
    "{mark} 앞 길을 고쳐 주세요.",
    "모르겠어요",
    "없어요",
    "이름을 밝히고 답 받기",
)
PERSON = (
    "홍길동",
    "가온시 중앙로 12",
    "우편(종이)",
    "먼저 저에게 물어보기",
    "안내를 보았고 이대로 내기",
)
SCRIPTS = {
    "web": ("/report", *FORM, *PERSON),
    "telegram": ("c:here:", "c:agree:", "/report", *FORM, "여기서 적기", *PERSON),
}
SIGN, LETTERS = "쥐꼬리", "가나다라마바사아자차"
PATIENCE = 12.0
"""Seconds that somebody waits for an answer before he tries again."""

AGAIN = 0.5
PACE = {"web": 0.3, "telegram": 1.0}
"""Seconds between two things that a person does; a messenger bears one message a second."""

NUMBER = re.compile(rf"\b20\d\d-[{SIGNS}]{{4}}-[{SIGNS}]{{2}}\b")
TALK = "talk.gaon.example"


def mark_of(number: int) -> str:
    """Give the word by which a citizen's own words are known."""
    return SIGN + "".join(LETTERS[int(digit)] for digit in f"{number:05d}")


@dataclass
class Citizen:
    """One of them: how far he has got, and what he was told."""

    number: int
    channel: str
    done: int = 0
    times: list[float] = field(default_factory=list)  # when each step was taken (monotonic)
    receipts: list[str] = field(default_factory=list)
    foreign: int = 0  # words of somebody else that he was shown
    gave_up: str = ""
    secret: str = ""

    @property
    def mark(self) -> str:
        return mark_of(self.number)

    @property
    def script(self) -> Sequence[str]:
        return SCRIPTS[self.channel]

    @property
    def finished(self) -> bool:
        return self.done == len(self.script)

    @property
    def chat(self) -> int:
        return 5000 + self.number

    def look(self, text: str) -> None:
        """Look through what he was shown for marks that are not his."""
        own = self.mark.removeprefix(SIGN)
        self.foreign += sum(not part.startswith(own) for part in text.split(SIGN)[1:])


@dataclass
class Street:
    """Who came and what they met; `answers` counts statuses, `taken` says when and where."""

    people: list[Citizen] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    taken: list[tuple[float, str]] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)
    without_retry: int = 0

    def heard(self, url: str, status: int | None) -> None:
        """Note an answer; None: there was none."""
        self.answers["none" if status is None else str(status)] += 1
        if status == 200:
            self.taken.append((time.monotonic(), url))

    def longest(self, begin: float, end: float, url: str = "") -> float:
        """Give the longest time in which nothing was taken, anywhere or at one place."""
        return max(later - earlier for earlier, later in self.gaps(begin, end, url))

    def gaps(self, begin: float, end: float, url: str = "") -> list[tuple[float, float]]:
        """Give the times between one thing that was taken and the next."""
        times = [at for at, where in self.taken if begin <= at <= end and url in {"", where}]
        return list(itertools.pairwise((begin, *times, end)))


class Crowd:
    """Lets so many citizens come at a time until `closed`; then those who are there finish."""

    def __init__(
        self,
        street: Street,
        session: aiohttp.ClientSession,
        telegram: Telegram,
        doors: Sequence[str],
        chance: Random,
    ) -> None:
        self._street = street
        self._session = session
        self._telegram = telegram
        self._doors = doors
        self._chance = chance
        self._push = Push(session, self._door, street.heard, AGAIN)
        self.closed = asyncio.Event()
        self.over = asyncio.Event()

    async def come(self, channel: str) -> None:
        """Be one citizen after the other."""
        while not self.closed.is_set():
            one = Citizen(len(self._street.people) + 1, channel)
            self._street.people.append(one)
            walk = self._on_the_page if channel == "web" else self._at_the_messenger
            await walk(one)

    def _door(self) -> str:
        return self._chance.choice(self._doors)

    async def _on_the_page(self, one: Citizen) -> None:
        for number, said in enumerate(one.script):
            what = (
                {"command": said[1:]} if said.startswith("/") else {"text": self._words(one, said)}
            )
            body = {"id": f"{one.number}-{number}", "lang": "ko", "pages": False, **what}
            answer = await self._post(one, body)
            if answer is None:
                return
            one.secret = answer.get("conversation", one.secret)
            for reply in answer["replies"]:
                one.look(str(reply))
                if reply.get("receipt"):
                    one.receipts.append(reply["receipt"]["number"])
            self._step(one)
            await asyncio.sleep(PACE["web"] * self._chance.uniform(0.5, 1.5))

    async def _post(self, one: Citizen, body: dict[str, Any]) -> dict[str, Any] | None:
        """Say it until it is answered; None when it makes no sense to go on."""
        headers = {"Host": TALK, "X-Forwarded-For": f"198.18.{one.number % 250}.7"}
        if one.secret:
            headers["Authorization"] = f"Bearer {one.secret}"
        while not self.over.is_set():
            url = self._door()
            status, wait = None, AGAIN
            try:
                async with self._session.post(
                    f"{url}/api/chat", json=body, headers=headers
                ) as answer:
                    status = answer.status
                    given = await answer.json(content_type=None)
                    wait = self._refused(answer) if status != 200 else wait
            except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
                status = status if status is not None and status >= 500 else None
            self._street.heard(url, status)
            if status == 200:
                return dict(given)
            if status is not None and status < 500 and status != 429:
                one.gave_up = f"{status} at step {one.done}: {str(given)[:200]}"
                return None
            await asyncio.sleep(wait)
        one.gave_up = "the end"
        return None

    def _refused(self, answer: aiohttp.ClientResponse) -> float:
        """Give how long to wait after an answer that is none."""
        after = answer.headers.get("Retry-After", "")
        if answer.status == 503 and not after.isdecimal():
            self._street.without_retry += 1
        if answer.status >= 500 and answer.status != 503:
            self._street.bad.append(f"{answer.status} {answer.url.path}")
        return min(float(after), 3.0) if after.isdecimal() else AGAIN

    async def _at_the_messenger(self, one: Citizen) -> None:
        person = self._telegram.person(one.chat)
        for said in one.script:
            if said.startswith("c:"):
                person.started = True
                update = person.forges(1, said)
            else:
                update = person.says(self._words(one, said))
            self._telegram._queues.clear()  # it is given to the service here
            if not await self._push(update, given_up=self.over.is_set):
                one.gave_up = "the end"
                return
            self._step(one)
            await asyncio.sleep(PACE["telegram"] * self._chance.uniform(1.0, 1.4))

    @staticmethod
    def _words(one: Citizen, said: str) -> str:
        return said.format(mark=one.mark)

    @staticmethod
    def _step(one: Citizen) -> None:
        one.done += 1
        one.times.append(time.monotonic())


def shown(street: Street, telegram: Telegram) -> dict[int, set[str]]:
    """Give the receipts that each citizen was shown; on the messenger they stand in the words."""
    found: dict[int, set[str]] = {}
    for one in street.people:
        numbers = set(one.receipts)
        for text in telegram.words.get(one.chat, []):
            one.look(text)
            numbers |= set(NUMBER.findall(text))
        if numbers:
            found[one.number] = numbers
    return found
