"""What crosses between two networks that may not touch (망연계): what waits to cross, and whose.

Outside citizens file and read; inside the office works the case. A filing that was taken outside
has the reach `away` there: no desk of the outside sees it, nothing but the inside moves it.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from bot.dialogs import replies
from bot.dialogs.replies import Say, Words
from bot.errors import Refused
from bot.services import sight
from bot.services.base import ANONYMOUS, Desk, stamp
from storage import journal
from storage.repositories import attachments, relays, tasks
from storage.repositories.attachments import Attachment
from storage.repositories.filings import Filing
from storage.unit import Unit

OUTSIDE: Final = "outside"
INSIDE: Final = "inside"
ROAD = "relay"
"""How a filing came that another network has taken (`Prefs.by`)."""
FILING, FILE, ACT, TASK, CALL = "filing", "file", "act", "task", "call"
STATE, ACTED, GONE, PIECE = "state", "acted", "gone", "piece"


def ours(svc: Desk, number: str) -> bool:
    """Tell whether a new number is of this side's half: both sides give numbers of one series.

    What the inside takes down itself begins with Z, so the same is never given twice.
    """
    return not svc.relay or (number[5] == "Z") is (svc.relay == INSIDE)


def whose(svc: Desk, by: str, columns: dict[str, Any]) -> dict[str, Any]:
    """Say whose a new filing is: outside, what comes to the office is the inside's.

    Raises `Refused` desk.relay.outside for what an official would write there (`by`): he would
    never see it again.
    """
    if svc.relay != OUTSIDE or columns["reach"] == sight.OWN:
        return columns
    if by != "dialog" or "author_id" in columns:
        raise Refused("desk.relay.outside")
    return {**columns, "reach": sight.AWAY}


def away(filing: Filing) -> bool:
    """Tell whether the case is worked in the other network."""
    return filing.reach == sight.AWAY


def crosses(svc: Desk, unit: Unit, filing_id: int) -> bool:
    """Tell whether the reporter of a filing reads outside what he is told here."""
    return svc.relay == INSIDE and relays.seq(unit, filing_id) is not None


def leave(unit: Unit, filing: Filing) -> None:
    """Let a filing that was just taken go inside, with its files."""
    relays.begin(unit, filing.id)
    relays.put(unit, FILING, filing.arrived_at, filing_id=filing.id)
    for file in attachments.of_filing(unit, filing.id):
        with_file(unit, filing, file)


def with_file(unit: Unit, filing: Filing, file: Attachment) -> None:
    """Let a file go inside, once it has been fetched."""
    relays.put(unit, FILE, filing.arrived_at, filing_id=filing.id, ref=file.ref)


def hand_over(
    svc: Desk,
    unit: Unit,
    filing: Filing,
    action: str,
    values: Mapping[str, Any],
    peer_id: int | None,
) -> None:
    """Let what a reporter does go inside, where it is done as of now; its words are sealed."""
    for one in values.get("files") or ():
        file = attachments.by_ref(unit, str(one["ref"]))
        if file is not None and file.filing_id is None and file.peer_id == peer_id:
            attachments.attach(unit, file, filing.id, keep_peer=filing.mode != ANONYMOUS)
            with_file(unit, filing, file)
    now = svc.now()
    open_at = stamp(filing.mode, now)
    said = {"action": action, "values": dict(values), "at": now.isoformat()}
    relays.put(unit, ACT, open_at, filing_id=filing.id, ref=action, content=said)
    plain = json.dumps(said, ensure_ascii=False, sort_keys=True).encode()
    detail = {"action": action, "sha256": hashlib.sha256(plain).hexdigest()}
    by = ANONYMOUS if filing.mode == ANONYMOUS else "citizen"
    journal.append(unit, filing.sid, open_at, by, "relayed", detail)


def on_its_way(unit: Unit, filing: Filing) -> frozenset[str]:
    """Name what the reporter has done and the inside has not answered."""
    return frozenset(one.ref for one in relays.of_kind(unit, ACT, filing_id=filing.id))


def mirror(unit: Unit, filing: Filing) -> Mapping[str, Any] | None:
    """Give what the inside last said of a filing; None until it has, and for one of our own."""
    return relays.mirror(unit, filing.id, filing.sid) if away(filing) else None


def crossed(unit: Unit, filing: Filing) -> tuple[str, datetime] | None:
    """Say how far what was last told of a filing is on its way outside, and since when.

    `pending` until it is in a file, `sending` until the outside has said that it came, `sent`;
    None for a filing that stands here alone, and once it came long ago.
    """
    over = relays.seq(unit, filing.id)
    if over is None or away(filing):
        return None
    told = journal.last(unit, filing.sid, "told")
    if told is not None and told.seq > over:
        return "pending", told.at
    last = relays.of_kind(unit, STATE, filing_id=filing.id)[-1:]
    if not last:
        return None
    if last[0].file_number is None:
        return "pending", last[0].at
    file = relays.get(unit, "out", last[0].file_number)
    return ("sending" if file is not None and file.status == relays.MADE else "sent"), last[0].at


def call(unit: Unit, filing: Filing | None, said: Mapping[str, Any], at: datetime) -> None:
    """Let a wish to be called go inside, where people call."""
    relays.put(unit, CALL, at, filing_id=filing.id if filing else None, content=said)


def gather_tasks(svc: Desk, unit: Unit) -> None:
    """Let go inside what a person has to do: a letter, a call, a notice that reached nobody."""
    for row in tasks.open_(unit):
        if row.filing_id is None:
            continue
        filing = sight.get(unit, row.filing_id)
        if away(filing) and tasks.done(unit, row.id, None, svc.now()):
            at = row.created_at.isoformat()
            said = {"number": filing.number, "task": row.kind, "reason": row.reason, "at": at}
            relays.put(unit, TASK, row.created_at, filing_id=filing.id, content=said)


def words(said: Words) -> Any:
    """Give words as JSON."""
    return json.loads(replies.dump(Say(said)))


def unsaid(value: Any) -> Words:
    """Read words back."""
    reply = replies.load(json.dumps(value).encode())
    assert isinstance(reply, Say)
    return reply.text
