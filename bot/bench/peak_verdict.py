"""What came out of `bench peak`, promise by promise."""

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bot.app import wall_clock
from bot.bench import counts
from bot.bench.citizens import Call, share
from bot.bench.fleet import Server
from bot.bench.peak_town import Town
from bot.services import quiet

SOON = 0.5
"""Seconds in which an answer comes on an ordinary day (95 of 100)."""
MOST = 2.0
"""Seconds in which it comes to who is in the middle of a report, whatever the day."""
BACK = 60.0
"""Seconds after which an ordinary day is one again."""
GROWS = 1.25
"""What a process may hold at the end of the peak beside what it held after its first third."""
WINDOW, STAYS, FEW = 5.0, 3, 0.01
"""Seconds of a part of the calm after it, how many of these in a row are well, and the share that
may be told to come later in them."""


def judged(town: Town, carried: float, rate: float) -> dict[str, Any]:
    peak = town.between("peak", "calm")
    running = turns([call for call in peak if call.step])
    late = [call.sent - call.due for call in peak]
    kept = stored(town)
    found: dict[str, Any] = {
        "size": asdict(town.size),
        "carried_per_s": round(carried, 1),
        "sustainable_per_s": round(rate, 1),
        "offered_per_s": round(rate * town.size.times, 1),
        "statuses": dict(Counter(call.status for call in town.crowd.calls)),
        "peak": _waited(peak, town.size.minutes * 60),
        "running_p95_s": round(share([one.answered for one in running], 0.95), 3),
        "running_whole_p95_s": round(share([one.whole for one in running], 0.95), 3),
        "running_told_later": _part(sum(one.tries > 1 for one in running), len(running)),
        "calm": _waited(town.between("calm", "end"), town.size.calm),
        "steady": _waited(town.between("steady", "peak"), town.size.steady),
        "back_after_s": back(town),
        "memory_mb": _memory(town),
        "newsletter_per_s": _news(town),
        "generator_late_p95_ms": round(share(late, 0.95) * 1000, 1),
        "counting": counting(town.server),
        "filings": kept,
    }
    found["promises"] = promises(found)
    found["within"] = all(found["promises"].values())
    return found


@dataclass(frozen=True, slots=True)
class Said:
    """One line of somebody, however often he said it: the last answer, and all of it, seconds."""

    answered: float
    whole: float
    tries: int


def turns(calls: Sequence[Call]) -> list[Said]:
    """Put the tries of each line together."""
    first: dict[tuple[int, int], float] = {}
    found = []
    for call in calls:
        due = first.setdefault((call.who, call.step), call.due)
        if call.status == 200:
            found.append(Said(call.seconds, call.done - due, call.tries))
    return found


def _waited(calls: Sequence[Call], seconds: float) -> dict[str, Any]:
    """Say who was let in, and how long he waited for his answer."""
    found: dict[str, Any] = {}
    for name, some in (
        ("new", [call for call in calls if call.step == 0]),
        ("running", [call for call in calls if call.step]),
    ):
        good = [call.seconds for call in some if call.status == 200]
        found[name] = {
            "calls_per_s": round(len(some) / seconds, 1),
            "let_in_per_s": round(len(good) / seconds, 1),
            "refused": _part(len(some) - len(good), len(some)),
            **{f"p{n}_s": round(share(good, n / 100), 3) for n in (50, 95, 99)},
        }
    return found


def _part(some: int, of: int) -> float:
    return round(some / of, 4) if of else 0.0


def back(town: Town) -> float | None:
    """Give the seconds from the end of the peak until all is as it was before; None: not yet."""
    calls = town.crowd.calls
    before = share([call.seconds for call in town.between("steady", "peak")], 0.95)
    begun, end = town.marks["calm"], town.marks["end"]
    well = []
    for n in range(int((end - begun) / WINDOW)):
        at = begun + n * WINDOW
        some = [call for call in calls if at <= call.due < at + WINDOW]
        refused = _part(sum(call.status != 200 for call in some), len(some))
        slow = share([call.seconds for call in some], 0.95) > max(SOON, before * 2)
        well.append(not slow and refused <= FEW)
    for n in range(len(well) - STAYS + 1):
        if all(well[n : n + STAYS]):
            return n * WINDOW
    return None


def _memory(town: Town) -> dict[str, Any]:
    first = town.marks["peak"] + (town.marks["calm"] - town.marks["peak"]) / 3
    found = {}
    for name in town.looks[-1].memory:
        early = [one.memory[name] for one in town.looks if town.marks["peak"] <= one.at <= first]
        late = [one.memory[name] for one in town.looks if one.at > first]
        found[name] = {
            "first_third": round(max(early, default=0.0)),
            "most_after": round(max(late, default=0.0)),
        }
    return found


def _news(town: Town) -> dict[str, float]:
    """Say how fast a newsletter left before the peak, within and after."""
    marks = [*town.marks, "over"]
    ends = {**town.marks, "over": town.looks[-1].at}
    found = {}
    for name, then in itertools.pairwise(marks):
        some = [one for one in town.looks if ends[name] <= one.at <= ends[then]]
        if len(some) > 1:
            passed = some[-1].at - some[0].at
            found[name] = round((some[-1].news - some[0].news) / passed, 2)
    return found


def counting(server: Server) -> dict[str, Any]:
    """Name the statements of the service that counted what may grow, if PostgreSQL can tell."""
    if not server.statements:
        return {"asked": False, "found": []}
    rows = server.ask(
        "SELECT s.query, s.calls FROM pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid "
        "WHERE r.rolname LIKE 'jt%%'"
    )
    found = [one for one in rows if counts.unbounded(str(one["query"]))]
    return {"asked": True, "statements": len(rows), "found": found}


def stored(town: Town) -> dict[str, Any]:
    """Hold what people were shown against what is stored."""
    rows = town.server.ask("SELECT number, peer_id FROM filings")
    numbers = {str(row["number"]) for row in rows}
    shown = town.crowd.receipts()
    return {
        "stored": len(rows),
        "shown": len(shown),
        "lost": len(set(shown) - numbers),
        "doubled": len(rows)
        - len({row["peer_id"] for row in rows})
        + len(shown)
        - len(set(shown)),
    }


def promises(found: Mapping[str, Any]) -> dict[str, bool]:
    """Say of each promise of S20 whether it was kept."""
    memory = found["memory_mb"].values()
    news = found["newsletter_per_s"]
    night = quiet_now()
    return {
        "no fault but 503": set(found["statuses"]) <= {200, 503},
        "running dialogs within two seconds": found["running_p95_s"] < MOST,
        "back within a minute": found["back_after_s"] is not None and found["back_after_s"] < BACK,
        "memory bounded": all(one["most_after"] <= one["first_third"] * GROWS for one in memory),
        "nothing that grows is counted": not found["counting"]["found"],
        "no report lost or doubled": not found["filings"]["lost"] + found["filings"]["doubled"],
        "running dialogs before new ones": (
            found["peak"]["running"]["refused"] <= found["peak"]["new"]["refused"]
        ),
        "newsletters first": night or news.get("peak", 0.0) < news.get("steady", 0.0) / 2,
    }


def quiet_now() -> bool:
    """Tell whether newsletters rest now because it is night."""
    return quiet.until(wall_clock()) is not None


def lines(found: Mapping[str, Any]) -> str:
    """Say it in lines for people."""
    peak, news, kept = found["peak"], found["newsletter_per_s"], found["filings"]
    said = [
        f"sustainable {found['sustainable_per_s']} turns/s, offered {found['offered_per_s']} turns/s",
        *(
            f"{name}: {one['calls_per_s']}/s came, {one['let_in_per_s']}/s let in, "
            f"p50 {one['p50_s']} s, p95 {one['p95_s']} s"
            for name, one in peak.items()
        ),
        f"newsletter {news.get('steady', 0.0)}/s before, {news.get('peak', 0.0)}/s in the peak",
        f"back after {found['back_after_s']} s, generator late p95 {found['generator_late_p95_ms']} ms",
        f"reports stored {kept['stored']}, lost {kept['lost']}, doubled {kept['doubled']}",
        f"load of the machine {found['load'][0]} to {found['load'][1]}",
    ]
    return "\n".join(
        [*said, *(f"{'ok' if kept else 'NO'} {name}" for name, kept in found["promises"].items())]
    )
