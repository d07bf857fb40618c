"""Somebody tried to be the second person for what he had a hand in: the inspector learns of it.

A refusal undoes its transaction, so that this is written in one of its own, after it.
"""

from bot.dialogs.replies import Phrase, Say
from bot.errors import Refused
from bot.services import direct, house, officials
from bot.services.base import Actor, Desk
from storage.repositories import approvals, sent_keys
from storage.unit import Unit

TELLING = frozenset(
    {
        "approval.self", "newsletter.self", "approval.same_person", "approval.made_by_asker",
        "approval.too_new",
    }
)  # fmt: skip
"""Refusals that say that one person may stand behind two (security S9)."""


def tried(svc: Desk, unit: Unit, actor: Actor, approval_id: int, refused: Refused) -> bool:
    """Write down an attempt, and tell whoever watches; False: this refusal says nothing of it.

    Told once for each person, approval and reason, however often he tries.
    """
    found = approvals.get(unit, approval_id)
    if refused.key not in TELLING or found is None:
        return False
    told = {"approval": approval_id, "kind": found.kind, "why": refused.key}
    house.note(svc, unit, actor, "approval_tried", told)
    if sent_keys.first(unit, f"tried:{approval_id}:{actor.user_id}:{refused.key}"):
        words = Phrase(
            "official.approval_tried",
            {
                "what": Phrase(f"approval.kind.{found.kind}"),
                "desk_url": f"{svc.desk_url}/approvals/{approval_id}",
            },
        )
        direct.tell(svc, unit, officials.with_role(unit, "inspector"), Say(words))
    return True
