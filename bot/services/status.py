"""What a reporter sees of a filing: now, next, when (wording.md §4); by peer, or by number and code."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.dialogs.replies import Called, Param, Phrase, Say, Words
from bot.errors import Refused
from bot.services import clocks, codes, moves, notices, officials, relay, said, sight, wishes
from bot.services.base import Actor, Desk, citizen
from bot.services.history import History
from bot.services.said import called, day
from bot.services.sight import visible_filings
from knowledge.derivation import DerivationLine, compact
from storage import journal
from storage.repositories import filings, rates
from storage.repositories.filings import Filing
from storage.store import Store
from storage.unit import Unit

OWN, NETWORK, ALL = (
    5,
    100,
    1000,
)  # wrong tries an hour: filing and network, network, everybody (S24)
HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Told:
    """Something that the reporter was told; `seq` names it for a letter.

    `head` is what the end of the journal was with it, as people compare it (S4).
    """

    seq: int
    at: datetime
    say: Say
    head: str


@dataclass(frozen=True, slots=True)
class Status:
    """A filing as its reporter sees it.

    `notices` are what was told, the newest first; `actions` the moves that may be made now;
    `read` says when the office first opened it; `head` is the end of its journal (S4).
    """

    number: str
    called: Called
    state: str
    now: Words
    then: Words
    due_at: datetime | None
    overdue: bool
    lines: tuple[DerivationLine, ...]
    first_read_at: datetime | None
    notices: tuple[Words, ...]
    actions: tuple[str, ...]
    version: int
    mode: str
    filing_id: int
    title: str
    read: Words
    told: tuple[Told, ...]
    arrived_at: datetime
    closed: bool
    head: str
    own: bool = False  # kept for the person alone: nobody at the office acts on it
    procedure: str = ""
    wishes: Words = ""  # each with the mark that the reporter gave it


def mine(svc: Desk, unit: Unit, peer_id: int) -> tuple[Status, ...]:
    """Give the filings of a peer, newest first; those filed elsewhere are not shown here (S2)."""
    known = visible_filings(citizen(peer_id))
    newest = known.order_by(known.selected_columns.id.desc()).limit(50)
    return tuple(of(svc, unit, one, citizen(peer_id)) for one in sight.several(unit, newest))


def by_code(svc: Desk, store: Store, number: str, code: str, network: str) -> Status:
    """Open a filing by number and code; wrong number, wrong code and erased look alike.

    `network` is a salted word for the coarse address. Somebody else's tries never keep the
    right code out: five an hour for one filing from one network and a hundred from the network
    are asked before, the thousand of everybody only slow wrong answers down. It takes the store,
    because a try counts although nothing came of it. Raises `Refused` code.wrong, or code.slow
    with `seconds`.
    """
    known = codes.read_number(number) or ""
    wait = store.transact(lambda unit: _try(unit, known, network), None)
    found = store.read(lambda unit: _opened(svc, unit, known, code))
    if wait:
        raise Refused("code.slow", seconds=round(wait) + 1)
    if found is not None:
        return found
    crowd = store.transact(
        lambda unit: rates.take(unit, "code:all", every=HOUR / ALL, burst=ALL), None
    )
    if crowd:
        raise Refused("code.slow", seconds=round(crowd) + 1)
    raise Refused("code.wrong")


def _try(unit: Unit, known: str, network: str) -> float:
    return max(
        rates.take(unit, f"code:{known}:{network}", every=HOUR / OWN, burst=OWN),
        rates.take(unit, f"code:net:{network}", every=HOUR / NETWORK, burst=NETWORK),
    )


def _opened(svc: Desk, unit: Unit, known: str, code: str) -> Status | None:
    mac = filings.code_mac(unit, known)
    if not unit.keys.ring.code_holds(mac, known, codes.read_code(code)):
        return None
    filing = filings.by_number(unit, known)
    assert filing is not None
    return of(svc, unit, filing, citizen(None, filing.id))


def by_number(svc: Desk, unit: Unit, actor: Actor, number: str) -> Status:
    """Give one filing that the actor may see. Raises `Refused` filing.unknown."""
    return of(svc, unit, sight.find(unit, actor, codes.read_number(number) or number), actor)


def of(svc: Desk, unit: Unit, filing: Filing, actor: Actor) -> Status:
    """Say where a filing is."""
    rules = moves.procedure_of(svc, filing)
    running = clocks.running(unit, filing.id)
    main = running.get(rules.filing.deadline)
    late = clocks.late(filing, main, svc.now())
    ends = journal.ends(unit, filing.sid)
    told = tuple(Told(*one, ends[one[0]].short) for one in notices.told(svc, unit, filing))
    now, then, read = standing(svc, unit, filing, running)
    mirror = relay.mirror(unit, filing)
    if mirror is not None:
        now, then, read = (relay.unsaid(mirror[name]) for name in ("now", "then", "read"))
        late = bool(mirror["runs"]) and filing.due_at is not None and filing.due_at < svc.now()
    may = moves.available(svc, unit, actor, filing.number)
    return Status(
        filing.number,
        called(filing),
        filing.state,
        Phrase(said.variant(svc, filing, "status.overdue")) if late else now,
        Phrase(said.variant(svc, filing, "next.overdue")) if late else then,
        filing.due_at,
        late,
        clocks.lines(filing),
        filing.first_read_at,
        tuple(one.say.text for one in reversed(told)),
        tuple(move.action for move in may if not move.blocked),
        filing.version,
        filing.mode,
        filing.id,
        rules.title,
        read,
        told,
        filing.arrived_at,
        filing.closed_at is not None,
        str(journal.head(unit, filing.sid)),
        filing.reach == sight.OWN,
        filing.procedure,
        wishes.kept(History(unit, filing.sid), filing) or "",
    )


def standing(
    svc: Desk, unit: Unit, filing: Filing, running: dict[str, clocks.Running]
) -> tuple[Words, Words, Words]:
    """Say where a filing is, what comes next, and whether it was read; not that it is late."""
    place = _where(unit, filing)
    where = said.variant(svc, filing, f"status.{filing.state}")
    then = _then(svc, filing, running, place)
    return Phrase(where, place), then, _read(svc, unit, filing)


def derivation_words(lines: tuple[DerivationLine, ...]) -> tuple[Words, ...]:
    """Give a derivation line by line, days that did not count together, as phrases."""
    return tuple(_line(run.first, run.last) for run in compact(lines))


def _line(first: DerivationLine, last: DerivationLine) -> Words:
    params: dict[str, Param] = {"day": first.day.isoformat(), "n": first.n, "name": first.name}
    kind = first.kind
    if kind in {"pause", "waiting"}:
        names: list[Param] = [Phrase(f"pause.{name}") for name in first.name.split(",")]
        params["name"] = names
    kind_key = "off_weekend" if kind == "off" and not first.name else str(kind)
    if first.start is not None and first.end is not None:
        params |= {"start": f"{first.start:%H:%M}", "end": f"{first.end:%H:%M}"}
    if last.day != first.day:
        params["until"] = last.day.isoformat()
        kind_key += "_days"
    return Phrase(f"derivation.{kind_key}", params)


def _where(unit: Unit, filing: Filing) -> dict[str, Param]:
    """Give the place that the last move sent the filing to, and when that place answers."""
    if filing.state not in {"referred", "transferred"}:
        return {}
    last = History(unit, filing.sid).last("refer", "transfer")
    told = last.detail if last is not None else {}
    named = told.get("unit")
    if isinstance(named, str):
        found = officials.unit_by_code(unit, named)
        named = found["name"] if found is not None else ""
    return {
        "unit": str(named or ""),
        "other_agency": str(told.get("other_agency") or ""),
        "new_due": str(told.get("due") or ""),
    }


def _then(
    svc: Desk, filing: Filing, running: dict[str, clocks.Running], place: Mapping[str, Param]
) -> Words:
    key = said.variant(svc, filing, f"next.{filing.state}")
    until = clocks.awaited(running, filing.state)
    ends = {"due": day(filing.due_at), "until": day(until.due_at if until else None)}
    return Phrase(key, {**ends, **place})


def _read(svc: Desk, unit: Unit, filing: Filing) -> Words:
    if filing.reach == sight.OWN:
        return Phrase("seen.own")
    if filing.first_read_at is None:
        return Phrase("seen.never")
    first = Phrase("seen.first", {"date": day(filing.first_read_at)})
    if svc.site.views_shown == "first":
        return first
    count = History(unit, filing.sid).count("viewed")
    return Phrase("seen.both", {"first": first, "count": Phrase("seen.count", {"n": count})})
