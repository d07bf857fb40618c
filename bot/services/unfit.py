"""Telling who sent a file that it is not taken: once, in plain words, with what to do (S25).

A messenger's files are fetched after the commit, so what is wrong with one is known only later:
its kind, its size, what the scanner says. Nobody shall believe that a file has come which has not.
"""

from bot.dialogs import replies
from bot.dialogs.replies import Param, Phrase, Say
from bot.errors import Refused
from bot.services import moves, notices, roads, sight
from bot.services.base import Desk
from storage.repositories import attachments, outbox, sent_keys
from storage.repositories.attachments import Attachment
from storage.unit import Unit

ANSWER = 0  # the rank and kind of what answers somebody who is there
STOPPED = "stopped"


def not_taken(svc: Desk, unit: Unit, file: Attachment, why: Refused) -> None:
    """Tell the sender of a file that could not be fetched or kept."""
    _tell(svc, unit, file, "not_taken", Phrase(why.key, why.params))


def stopped(svc: Desk, unit: Unit, ref: str) -> None:
    """Tell the sender, and once it belongs to a filing its handler, of what the scanner stopped."""
    file = attachments.by_ref(unit, ref)
    if file is None or file.status != "found":
        return
    if file.filing_id is not None:
        attachments.set_status(unit, file, "quarantined")
        filing = sight.get(unit, file.filing_id)
        notices.tell_officials(svc, unit, filing, "handler", "notice.desk.file_found")
    _tell(svc, unit, file, STOPPED, Phrase("file.send_again"))


def found(unit: Unit) -> tuple[Attachment, ...]:
    """Give what the scanner stopped and somebody may still have to be told of."""
    return tuple(attachments.in_status(unit, "found"))


def _tell(svc: Desk, unit: Unit, file: Attachment, how: str, why: Phrase) -> None:
    """Tell by the filing's roads; before there is one, in the conversation that it came from."""
    if not sent_keys.first(unit, f"unfit:{file.ref}", file.filing_id):
        return
    what: dict[str, Param] = {"what": Phrase(f"file.what.{file.kind}"), "why": why}
    if file.filing_id is not None:
        filing = sight.get(unit, file.filing_id)
        again = "message" in moves.procedure_of(svc, filing).moves
        buttons = roads.buttons("message.office", filing.number) if again else ()
        told = {"number": filing.number, **what}
        notices.tell(svc, unit, filing, notices.Message(f"notice.file_{how}", told, buttons))
    elif file.peer_id is not None:
        words = replies.dump(Say(Phrase(f"file.{how}", what)))
        outbox.put(
            unit, file.peer_id, [outbox.Draft(ANSWER, "answer", words, svc.now())], svc.now()
        )
