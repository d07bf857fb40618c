"""A notice on paper: what the reporter was told, word by word, as a letter to print.

민원 처리에 관한 법률 시행령 제29조; days are written as official papers write them (행정업무의 운영
및 혁신에 관한 규정 제7조제5항).
"""

from collections.abc import Sequence
from datetime import datetime

from bot.dialogs.replies import Phrase
from bot.documents.letters import Letter
from bot.errors import Refused
from bot.services import newer, notices, relay, said, sight
from bot.services.base import Actor, Desk
from bot.services.history import History
from knowledge.calendar import seoul_day
from knowledge.procedures import NotKnown
from storage import journal, receipts
from storage.repositories import filings
from storage.unit import Unit


def of_notice(svc: Desk, unit: Unit, actor: Actor, number: str, seq: int | None = None) -> Letter:
    """Make the letter of one notice, the newest without `seq`; set it with `documents.letters`.

    The reporter's own name and address stand on it, so it is for who may see the filing. It
    carries the head that the journal had with this notice, signed. Raises `Refused`
    filing.unknown, and `NotKnown` for a notice whose words are a later release's (S23).
    """
    filing = sight.find(unit, actor, number)
    told = notices.told(svc, unit, filing)
    chosen = [one for one in told if seq is None or one[0] == seq]
    if any(one[2] is newer.UNREAD for one in chosen[-1:]):
        raise NotKnown(number)
    if not chosen:
        raise Refused("filing.unknown")
    told_at, at, say = chosen[-1]
    head = journal.ends(unit, filing.sid)[told_at]
    lang = filing.lang if filing.lang in svc.texts.languages else "ko"
    words = svc.texts.render(say.text, lang, svc.site.words())
    title, _, rest = words.partition("\n")
    here = unit.keys.may_open("filings.identity")
    who = filings.identity(unit, filing) if here else None
    day = seoul_day(at)
    doc_no, signed = paper(unit, filing, at_seq=told_at)
    keys = f"{svc.public_url}/.well-known/jeokgeuk-receipts"
    labels = _labels(svc, filing, at, "issued" if doc_no else "sent", lang)
    return Letter(
        agency=svc.site.named("agency", lang),
        title=title,
        number=filing.number,
        date=svc.texts.render(Phrase("letter.day", {"day": signed or day.isoformat()}), lang, {}),
        issued=day.isoformat(),
        paragraphs=tuple(line for line in rest.split("\n") if line.strip()),
        to=_to(svc, filing, who, lang),
        address=str((who or {}).get("address") or ""),
        doc_no=doc_no,
        head=head.short,
        proof=receipts.sign(
            unit.keys.ring, filing.number, at, filing.procedure, head, notice=True
        ),
        proof_text=svc.texts.render(Phrase("letter.proof", {"url": keys}), lang, svc.site.words()),
        labels=labels,
        lang=lang,
    )


def _labels(
    svc: Desk, filing: filings.Filing, at: datetime, day_name: str, lang: str
) -> Sequence[str]:
    """Give the labels; the number bears the name that it had when this was said."""
    named = {
        "number_name": Phrase(f"number.{said.called(filing, at)}"),
        "day_name": Phrase(f"letter.{day_name}"),
    }
    return svc.texts.render(Phrase("letter.labels", named), lang, {}).split("|")


def _to(svc: Desk, filing: filings.Filing, who: dict[str, str] | None, lang: str) -> str:
    """Name whom it is for; the public part, which cannot, says that the agency keeps it."""
    if who is None:
        return "" if filing.anonymous else svc.texts.render(Phrase("letter.kept"), lang, {})
    name = str(who.get("name") or "")
    return svc.texts.render(Phrase("letter.to", {"name": name}), lang, {}) if name else ""


def paper(unit: Unit, filing: filings.Filing, *, at_seq: int) -> tuple[str, str]:
    """Give the document number of the answer and its day, on the answer alone."""
    if relay.away(filing):  # its moves stand in another network; the notice brought it along
        told = [one.detail for one in History(unit, filing.sid).all if one.seq == at_seq]
        doc_no, signed = told[0].get("paper") or ("", "") if told else ("", "")
        return str(doc_no), str(signed)
    before = [one for one in History(unit, filing.sid).all if one.seq < at_seq]
    last = before[-1] if before else None
    if last is None or last.kind != "result":
        return "", ""
    return str(last.detail.get("doc_no") or ""), str(last.detail.get("approved_on") or "")
