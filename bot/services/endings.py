"""What an account holds ends in the commit that ends its ground (security S29, S30).

One function for a closed account, a role or a group that is lost, a move to another unit, a
password or second factor made anew, and the press that signs out everywhere.
"""

from bot.services import hands, linking, own_news
from bot.services.base import Desk
from storage.repositories import users
from storage.unit import Unit


def ended(svc: Desk, unit: Unit, user_id: int, why: str) -> None:
    """End sessions and the messenger, and give away the reports that he may not have any more.

    Call it after what has changed is written; `why` is a word of `office.why.*`.
    """
    users.end_sessions(unit, user_id)
    own_news.ended(svc, unit, user_id)
    linking.end(svc, unit, user_id, why)
    for filing_id in hands.held(unit, user_id):
        hands.settle(svc, unit, filing_id)
