"""One-time links: a dialog moves to the agency's page (S2); a code is shown there once (S24)."""

from dataclasses import dataclass

from bot.services.base import Desk
from storage.unit import Unit

MINUTES = 15


@dataclass(frozen=True, slots=True)
class Link:
    """A link that nobody's log sees: the secret stands behind the `#`. `nn` only for a dialog."""

    url: str
    nn: str = ""


@dataclass(frozen=True, slots=True)
class Offered:
    """What the page may say before the button is pressed: where it came from, nothing else."""

    kind: str  # "dialog" | "code"
    channel: str


def dialog_link(svc: Desk, unit: Unit, peer_id: int) -> Link:
    """Make the link that moves this peer's dialog to the page; an earlier one dies."""
    raise NotImplementedError


def code_link(svc: Desk, unit: Unit, filing_id: int) -> Link:
    """Make the link behind [누리집에서 코드 보기]."""
    raise NotImplementedError


def offered(svc: Desk, unit: Unit, secret: str) -> Offered | None:
    """Look at a link without using it up (a GET has no effects)."""
    raise NotImplementedError


def redeem_dialog(svc: Desk, unit: Unit, secret: str, nn: str, web_peer_id: int) -> str:
    """Move the dialog to the web peer; gives the channel it came from.

    Raises `Refused` link.gone, link.number (the two digits are wrong; the link dies at the third).
    """
    raise NotImplementedError


def redeem_code(svc: Desk, unit: Unit, secret: str) -> tuple[str, str]:
    """Show the code: gives (number, a new code). Raises `Refused` link.gone."""
    raise NotImplementedError
