"""Cases of the city's own, in every status that a case can have."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.app import App
from bot.services import case_words, cases
from bot.services.base import Actor
from storage.unit import Unit

CASES = Path(__file__).with_name("cases.toml")
WRITER, SECOND = "han", "yoon"
"""Who writes, and who reviews."""
WAY = ("draft", "reviewed", "published", "withdrawn")


def write(app: App, people: Mapping[str, Actor]) -> None:
    """Write the cases of the file and bring each to the status that it says."""
    told = tomllib.loads(CASES.read_text(encoding="utf-8"))["cases"]

    def work(unit: Unit) -> None:
        for one in told:
            _one(app, unit, people, one)

    app.store.transact(work, "seed:cases")


def _one(app: App, unit: Unit, people: Mapping[str, Actor], told: Mapping[str, Any]) -> None:
    svc, writer, second = app.svc, people[WRITER], people[SECOND]
    far = WAY.index(told["status"])
    typed = {name: str(value) for name, value in told.items() if name in case_words.WRITTEN}
    ref = cases.write(svc, unit, writer, case_words.read(svc, typed))
    if far >= WAY.index("reviewed"):
        cases.review(svc, unit, second, ref, 0)
    if far >= WAY.index("published"):
        cases.publish(svc, unit, second, ref, 1)
    if far >= WAY.index("withdrawn"):
        cases.withdraw(svc, unit, second, ref, 2, told["reason"])
