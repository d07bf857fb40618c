"""`route`: what somebody wants, and what the bot would do."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any

import typer

from knowledge import intents, slots, telling

LONGEST = 20_000
"""Signs of an utterance that are read at all, as the receiver does."""

URGENT = frozenset({"danger", "self_harm"})


def route(
    text: Annotated[
        str | None, typer.Argument(help="알아들을 말. 없으면 표준 입력에서 한 줄에 하나씩 읽는다")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON으로")] = False,
) -> None:
    """무엇을 바라는 말인지, 봇이 무엇을 할지."""
    if text is not None:
        found = heard(text)
        typer.echo(json.dumps(found, ensure_ascii=False) if as_json else _words(found))
        return
    for line in _lines():
        sys.stdout.write(json.dumps(heard(line), ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _lines() -> Iterator[str]:
    """Read one utterance per line; wrong bytes and empty lines are utterances like others."""
    for line in sys.stdin.buffer:
        yield line.decode("utf-8", "replace").rstrip("\r\n")


def heard(text: str) -> dict[str, Any]:
    """Say what is understood of a text: the intent, its share, the first three, the slots.

    `does`: `signal` (112, 119 or 109 are told first), `answer`, `ask` (three buttons), `menu`.
    """
    text = slots.mask_numbers(text[:LONGEST]).text
    found = intents.weigh(text)
    seen = slots.signals(text)
    return {
        "text": text,
        "intent": found.top,
        "score": round(found.ranked[0][1], 4),
        "top": [{"intent": name, "score": round(share, 4)} for name, share in found.ranked[:3]],
        "does": "signal" if seen & URGENT else found.road,
        "signals": sorted(seen),
        "slots": {name: value for name, value in asdict(telling.read(text)).items() if value},
    }


def _words(found: dict[str, Any]) -> str:
    top = ", ".join(f"{one['intent']} {one['score']:.2f}" for one in found["top"])
    lines = [f"뜻: {top}", f"할 일: {found['does']}"]
    if found["signals"]:
        lines.append(f"낱말: {', '.join(found['signals'])}")
    lines += [f"{name}: {value}" for name, value in found["slots"].items()]
    return "\n".join(lines)
