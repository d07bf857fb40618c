"""접수증: what somebody takes home who reported by word of mouth (민원처리법 제9조제2항).

Whose report it is does not stand on it: the paper lies about at home and at the counter.
"""

from bot.dialogs.replies import Param, Phrase
from bot.documents.receipts import PaperReceipt
from bot.services import clocks, codes, filings, said, sight
from bot.services.base import ANONYMOUS, Actor, Desk
from bot.services.status import derivation_words
from knowledge import clock
from knowledge.calendar import seoul_day
from storage import journal
from storage.repositories.filings import Filing
from storage.unit import Unit

__all__ = ["PaperReceipt", "again", "of"]


def of(svc: Desk, unit: Unit, filing: Filing, code: str = "") -> PaperReceipt:
    """Make the paper of a filing; every word is finished, in its reporter's language."""
    lang = filing.lang if filing.lang in svc.texts.languages else "ko"
    site = svc.site.words()

    def say(key: str, **params: Param) -> str:
        return svc.texts.render(Phrase(f"paper_receipt.{key}", params), lang, site)

    named = filing.mode != ANONYMOUS
    arrived = filing.arrived_at
    got = filing.received_at or clock.receipt(arrived, svc.calendar(unit)).received
    label = svc.texts.render(Phrase(f"number.{said.called(filing)}"), lang, site)
    matter = svc.texts.render(Phrase(f"{filing.procedure}.title"), lang, site)
    rows = [
        (label, filing.number),
        (say("spoken"), codes.spoken(filing.number, lang)),
        (say("matter"), matter),
    ]
    if named:
        when = "received" if filing.received_at is not None else "received_later"
        rows.append((say(when), say("moment", at=got.isoformat())))
    if filing.due_at is not None:
        day = seoul_day(filing.due_at).isoformat()
        rows.append((say("due"), say("due_day", day=day)))
    rows.append((say("handler"), say("office")))
    notes = ["ask", "named" if named else "anonymous"]
    return PaperReceipt(
        agency=svc.site.named("agency", lang),
        title=say("title"),
        rows=rows,
        counted=say("counted") if filing.due_at is not None else "",
        days=[
            svc.texts.render(words, lang, site) for words in derivation_words(clocks.lines(filing))
        ],
        notes=[say(name, url=f"{svc.public_url}/status") for name in notes],
        issued=seoul_day(svc.now()).isoformat(),
        head_label=say("head"),
        head=str(journal.head(unit, filing.sid)),
        proof_label=say("proof"),
        proof=filings.proof(unit, filing),
        code=code,
        code_title=say("code_title"),
        code_text=say("code_text"),
        lang=lang,
    )


def again(svc: Desk, unit: Unit, actor: Actor, number: str) -> PaperReceipt:
    """Print the paper once more, without a code. Raises `Refused` filing.unknown."""
    filing = sight.find(unit, actor, number)
    journal.append(unit, filing.sid, svc.now(), actor.mark, "receipt_printed", {})
    return of(svc, unit, filing)
