"""면책 증빙 묶음: what was filed, replied and done, unaltered, as one bundle with its hashes.

Whoever acts as advised is presumed to be exempt unless he left out what he knew (지방공무원 적극행정
운영규정 제15조제4항·제6항): so what was submitted has to be there word by word, with its proof.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from bot.dialogs.replies import Phrase
from bot.documents import official
from bot.documents.bundle import MANIFEST, SEAL, Case, File
from bot.errors import Refused
from bot.services import accesses, bundles, papers, printing, sight, views
from bot.services.base import Actor, Desk
from bot.services.bundles import Read
from bot.services.history import History
from bot.services.sight import Filing
from storage import journal
from storage.repositories import attachments, filings
from storage.unit import Unit

HAS = {
    "filed": "filed.json",
    "record": "record.pdf, record.xml, record.csv",
    "journal": "journal.csv",
    "files": "files, files.txt",
    "manifest": MANIFEST,
    "seal": SEAL,
}
"""What lies in a bundle, told on its first page."""
CHECK = "jeokgeuk verify --bundle evidence.zip --key …"


def case(svc: Desk, unit: Unit, read: Read, actor: Actor, number: str) -> Case:
    """Give all that goes into the bundle of a filing; letters and files are read when written.

    Raises `Refused` filing.unknown (also where the procedure names no letters), conflict.ask.
    """
    filing = _allowed(svc, unit, actor, number)
    seen = views.readable(svc, unit, sight.acting(actor, filing), filing)
    made = bundles.case(svc, filing, read, unit, frozenset(one.seq for one in seen))
    return replace(made, beside=tuple(_beside(svc, unit, filing, made.head)))


def noted(svc: Desk, unit: Unit, actor: Actor, number: str, sha256: str) -> None:
    """Write down that a bundle with this digest is handed over. Raises as `case` does."""
    filing = _allowed(svc, unit, actor, number, lock=True)
    detail = {"what": "evidence", "sha256": sha256}
    journal.append(unit, filing.sid, svc.now(), actor.mark, "exported", detail)
    accesses.note(svc, unit, actor, "exported", filing)


def _allowed(svc: Desk, unit: Unit, actor: Actor, number: str, *, lock: bool = False) -> Filing:
    filing = sight.find(unit, actor, number, lock=lock)
    printing.allowed(unit, actor, filing)
    if not papers.offered(svc, unit, filing):
        raise Refused("filing.unknown")
    return filing


def _beside(svc: Desk, unit: Unit, filing: Filing, head: str) -> Iterator[File]:
    yield File("README.txt", _ready(_readme(svc, unit, filing, head)))
    yield File("filed.json", _ready(as_filed(unit, filing)))
    names = [
        f"{one.name}  {file.name}\n"
        for one, file in zip(
            views.files_of(unit, filing), attachments.of_filing(unit, filing.id), strict=True
        )
    ]
    if names:
        yield File("files.txt", _ready("".join(names)))
    for name in papers.offered(svc, unit, filing):
        draft = papers.make(svc, unit, filing, name)
        yield File(f"{name}.pdf", partial(official.pdf, draft))
        yield File(f"{name}.hwpx", partial(official.hwpx, draft))


def as_filed(unit: Unit, filing: Filing) -> str:
    """Give the answers in the very form whose SHA-256 the first line of the journal holds."""
    return json.dumps(filings.answers(unit, filing), ensure_ascii=False, sort_keys=True)


def _readme(svc: Desk, unit: Unit, filing: Filing, head: str) -> str:
    events = History(unit, filing.sid).all
    numbers = [str(one.detail["doc_no"]) for one in events if one.detail.get("doc_no")]

    def say(key: str, **params: str) -> str:
        return svc.texts.render(Phrase(key, params), "ko", svc.site.words())

    has = [f"{name}: {say(f'desk.papers.evidence.has.{what}')}" for what, name in HAS.items()]
    words = say(
        "desk.papers.evidence.readme",
        number=filing.number,
        documents=", ".join(numbers),
        head=head,
        contents="\n".join(has),
        command=CHECK,
        by_hand=f"sha256sum -c {MANIFEST}",
        place="/.well-known/jeokgeuk-receipts",
    )
    return f"{words}\n"


def _ready(text: str) -> Callable[[], bytes]:
    return text.encode
