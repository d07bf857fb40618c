"""What the pages of a broadcast share: finding it, where it stands, how its state looks."""

from collections.abc import Mapping
from urllib.parse import quote

from markupsafe import Markup

from bot.dialogs.replies import Phrase
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.visit import Missing, Visit
from bot.services import broadcast_far, broadcast_progress
from bot.services.broadcast_progress import Progress
from storage.repositories import broadcasts
from storage.repositories.broadcasts import Broadcast
from storage.unit import Unit

TONES: Mapping[str, str] = {
    "draft": "", "asked": "warning", "approved": "information", "sending": "primary",
    "paused": "warning", "done": "success", "cancelled": "",
}  # fmt: skip
LONGEST = 40  # signs of a number


def address(base: str, number: str) -> str:
    """Give where a broadcast stands on the desk."""
    return f"{base}/newsletters/{quote(number, safe='')}"


def seek(unit: Unit, visit: Visit) -> Broadcast:
    """Give the broadcast of this page; raises `Missing`."""
    found = broadcasts.of_number(unit, visit.path("issue")[:LONGEST])
    if found is None:
        raise Missing
    return found


def far_html(pages: Pages, visit: Visit, far: Progress) -> Markup:
    """Draw how far it is: the same in the page and in what follows it."""
    why = broadcast_progress.why(far)
    if why is not None and far.channel:
        why = Phrase(why.key, {"channel": Phrase(f"desk.newsletter.channel.{far.channel}")})
    codes = [
        (channel, broadcast_progress.code(code), n)
        for (channel, code), n in sorted(far.failures.items())
    ]
    drawn = pages.show(
        visit, "newsletter_far.html", far=far, line=broadcast_far.line(far), why=why, codes=codes
    )
    return Markup(bytes(drawn.body).decode())  # noqa: S704 - a template of ours, escaped
