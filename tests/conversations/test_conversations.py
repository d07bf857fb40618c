"""Every transcript on every channel it is written for: what people would see, line by line."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from bot import rehearsal
from knowledge.calendar import SEOUL, seoul_day
from storage.models import outbox
from tests.conversations.transcript import Line, Transcript, read
from tests.conversations.world import (
    NUMBER,
    Client,
    Heard,
    TelegramClient,
    WebClient,
    World,
    world,
)

HERE = Path(__file__).parent
FOR_OFFICIALS = outbox.select().where(outbox.c.channel == "slack")
ALL = [
    (transcript, channel)
    for path in sorted(HERE.glob("*.md"))
    for transcript in [read(path)]
    for channel in transcript.channels
]


@dataclass
class Run:
    """One transcript on one channel."""

    world: World
    client: Client
    channel: str
    heard: list[Heard] = field(default_factory=list)  # since the last act
    all: list[Heard] = field(default_factory=list)
    read: int = 0
    number: str = ""
    actions: int = 0

    async def step(self, line: Line) -> None:
        if self.channel not in line.only:
            return
        acts = {
            "say": lambda: self.client.say(line.text),
            "press": lambda: self.client.press(line.text, self.all),
            "send": lambda: self.client.send(line.text),
            "page": lambda: self.client.page(dict(line.fields), self.all),
        }
        if line.kind in acts:
            self.actions += 1
            self._take(await acts[line.kind]())
        elif line.kind == "move":
            who, action = line.text.split()
            await self.world.move(who, action, self.number, dict(line.fields))
            self._take(await self.client.news())
        elif line.kind in {"clock", "jump"}:
            at = datetime.fromisoformat(line.text).replace(tzinfo=SEOUL)
            await (self.world.go(at) if line.kind == "clock" else self.world.jump(at))
            self._take(await self.client.news())
        else:
            self._look(line)

    def _take(self, heard: list[Heard]) -> None:
        self.heard, self.read = heard, 0
        self.all += heard
        for one in heard:
            if found := NUMBER.search(one.text):
                self.number = found[0]

    def _look(self, line: Line) -> None:
        said = "\n".join(one.text for one in self.heard)
        if line.kind == "hear":
            at = said.find(line.text, self.read)
            assert at >= 0, f"{line.number}: not said: {line.text!r}\n---\n{said[self.read :]}"
            self.read = at
        elif line.kind == "hush":
            assert line.text not in said, f"{line.number}: said: {line.text!r}"
        else:
            self._check(line)

    def _check(self, line: Line) -> None:
        what, _, rest = line.text.partition(" ")
        if what == "actions":
            most = int(rest.removeprefix("<= "))
            assert self.actions <= most, f"{self.actions} actions"
            return
        status = self.world.status(self.number)
        if what == "state":
            assert status.state == rest, f"{line.number}: {status.state}"
        else:
            assert what == "due"
            due = status.due_at
            assert (due and seoul_day(due).isoformat()) == (None if rest == "none" else rest)


@pytest.mark.parametrize(
    ("transcript", "channel"), ALL, ids=[f"{t.path.stem}-{channel}" for t, channel in ALL]
)
async def test_conversation(transcript: Transcript, channel: str, tmp_path: Path) -> None:
    async with world(tmp_path, more=agency(tmp_path, transcript.site)) as city:
        client: Client = (
            TelegramClient(city, transcript.lang)
            if channel == "telegram"
            else WebClient(city, pages=channel == "web", lang=transcript.lang)
        )
        run = Run(city, client, channel)
        for line in transcript.lines:
            try:
                await run.step(line)
            except AssertionError as error:
                said = "\n---\n".join(one.text for one in run.all[-4:])
                where = f"{transcript.path.name}:{line.number}"
                pytest.fail(f"{where}: {error}\n=== said last:\n{said}", pytrace=False)
        # No setting names a messenger for officials: nothing is written for one.
        assert city.app.messenger is None
        assert city.see(lambda u: list(u.conn.execute(FOR_OFFICIALS))) == []


def agency(folder: Path, own: str) -> dict[str, str]:
    """Give the settings of an agency that has set something otherwise than the rehearsal."""
    if not own:
        return {}
    shipped = Path(rehearsal.__file__).with_name("site.toml").read_text(encoding="utf-8")
    path = folder / "site.toml"
    path.write_text(own + shipped, encoding="utf-8")
    return {"JEOKGEUK_SITE": str(path)}


def test_a_line_that_means_nothing_is_a_mistake(tmp_path: Path) -> None:
    path = tmp_path / "x.md"
    path.write_text("# x\n그냥 글\n", encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape("x.md:2")):
        read(path)
