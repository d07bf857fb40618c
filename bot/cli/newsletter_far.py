"""How far a broadcast is, at the console: a line, a drawing, JSON."""

import time
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table

from bot.app import App
from bot.cli.running import say
from bot.errors import Refused
from bot.services import broadcast_far, broadcast_progress
from bot.services.broadcast_progress import Progress
from knowledge.korean import SEOUL
from storage.repositories import broadcasts as repository
from storage.repositories.broadcasts import PAUSED, SENDING, Broadcast

WAIT = 2.0
"""Seconds between two looks of `status --watch`."""


def known(parts: App, number: str) -> Broadcast:
    """Find a broadcast; raises `Refused` newsletter.unknown."""
    found = parts.store.read(lambda unit: repository.of_number(unit, number))
    if found is None:
        raise Refused("newsletter.unknown")
    return found


def far_of(parts: App, one: Broadcast) -> Progress:
    return parts.store.read(lambda unit: broadcast_progress.progress(parts.svc, unit, one))


def line(parts: App, one: Broadcast) -> str:
    """Say in one line what it is and where it stands."""
    far = far_of(parts, one)
    state = say(parts, f"desk.newsletter.state.{one.state}")
    sent = (
        say(parts, "desk.newsletter.of", n=str(far.sent), of=str(far.total)) if far.total else ""
    )
    at = one.begun_at or one.send_at
    when = f"{at.astimezone(SEOUL):%Y-%m-%d %H:%M}" if at else ""
    waits = say(parts, "desk.newsletter.waits") if far.waits else ""
    return "  ".join(part for part in (one.number, state, when, sent, waits, one.title) if part)


def plain(parts: App, one: Broadcast) -> dict[str, Any]:
    """Give it as JSON has it: counts and codes, nobody's name or address."""
    far = far_of(parts, one)
    names = ("total", "sent", "gone", "dead", "unknown", "revived", "left")
    return {
        "number": one.number, "kind": one.kind, "nature": one.nature, "state": one.state,
        "why": far.why, "title": one.title, "version": one.version,
        "send_at": one.send_at.isoformat() if one.send_at else None,
        "begun_at": one.begun_at.isoformat() if one.begun_at else None,
        "ended_at": one.ended_at.isoformat() if one.ended_at else None,
        **{name: getattr(far, name) for name in names},
        "waits": far.waits,
        "per_second": round(far.per_second, 2),
        "seconds_left": None if far.seconds_left is None else round(far.seconds_left),
        "channels": {
            line.channel: {name: getattr(line, name) for name in names} for line in far.lines
        },
        "failures": [
            {"channel": channel, "code": code, "n": n}
            for (channel, code), n in sorted(far.failures.items())
        ],
    }  # fmt: skip


def watched(parts: App, one: Broadcast) -> str:
    """Draw how far it is until it is over, or stands still for a person."""
    with Live(console=Console(), refresh_per_second=4) as live:
        while True:
            now = known(parts, one.number)
            live.update(drawn(parts, now, far_of(parts, now)))
            if now.state not in {"approved", SENDING}:
                break
            time.sleep(WAIT)
    return line(parts, now) if now.state == PAUSED else ""


def drawn(parts: App, one: Broadcast, far: Progress) -> Group:
    """Draw a bar, a line for each channel, and why some did not get it."""
    told_far = broadcast_far.line(far)
    bar = Table.grid()  # a bar alone ends no line
    bar.add_row(ProgressBar(total=max(far.total, 1), completed=far.total - far.left, width=60))
    rows: list[Any] = [
        f"{one.number} {one.title}  {say(parts, f'desk.newsletter.state.{one.state}')}",
        bar,
        say(parts, told_far.key, **told_far.params),
    ]
    if far.per_second:
        rows.append(say(parts, "desk.newsletter.rate", n=f"{far.per_second:,.1f}"))
    why = broadcast_progress.why(far)
    if why is not None:
        rows.append(say(parts, why.key, **why.params))
    table = Table()
    for name in ("channel", "total", "sent", "failed", "unknown", "left"):
        table.add_column(say(parts, f"desk.newsletter.far.{name}"))
    for line in far.lines:
        name = say(parts, f"desk.newsletter.channel.{line.channel}")
        counts = (line.total, line.sent, line.gone + line.dead, line.unknown, line.left)
        table.add_row(name, *(f"{n:,}" for n in counts))
    rows.append(table)
    for (channel, code), n in sorted(far.failures.items()):
        told = broadcast_progress.code(code)
        name = say(parts, f"desk.newsletter.channel.{channel}")
        rows.append(f"{name} {n:,}: {say(parts, told.key, **told.params)}")
    return Group(*rows)
