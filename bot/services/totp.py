"""The second factor: codes of an official's telephone (RFC 6238), and ten codes on paper (S30)."""

import hmac
import unicodedata
from base64 import b32encode
from datetime import datetime

import pyotp

from bot.dialogs.replies import Phrase, Say
from bot.errors import Refused
from bot.services import codes, endings, house, officials, roads
from bot.services.base import Actor, Desk
from storage import instance
from storage.repositories import second_factors
from storage.unit import Unit

STEP = 30  # seconds, six digits, SHA-1: what every authenticator app understands
WINDOW = 1  # steps early or late (RFC 6238 §5.2 recommends no more)
SECRET_BYTES = 20  # RFC 4226 §4: 160 bits
PAPER = 10


def new_secret(svc: Desk) -> str:
    """Make a secret as it is typed into an app."""
    return b32encode(svc.random(SECRET_BYTES)).decode()


def address(svc: Desk, login: str, secret: str) -> str:
    """Give what the QR code says; the name that the app shows is the agency's."""
    totp = pyotp.TOTP(secret, interval=STEP)
    return totp.provisioning_uri(name=login, issuer_name=svc.site.agency)


def has(unit: Unit, user_id: int) -> bool:
    """Tell whether an official has a second factor."""
    return second_factors.has(unit, user_id)


def enrol(svc: Desk, unit: Unit, actor: Actor, secret: str, code: str) -> tuple[str, ...] | None:
    """Store the secret once its code was shown, and give the ten codes on paper, this once.

    None: the code was wrong, nothing is stored.
    """
    step = _step(secret, code, -1, wall(svc, unit))
    if step is None or actor.user_id is None:
        return None
    second_factors.put(unit, actor.user_id, secret, step, svc.now())
    house.note(svc, unit, actor, "totp_enrolled", {"user": actor.user_id})
    return paper(svc, unit, actor)


def paper(svc: Desk, unit: Unit, actor: Actor) -> tuple[str, ...]:
    """Make ten new codes on paper; those of before are void."""
    assert actor.user_id is not None
    made = tuple(codes.new_code(svc.random) for _ in range(PAPER))
    second_factors.put_codes(unit, actor.user_id, made, svc.now())
    house.note(svc, unit, actor, "paper_codes_made", {"user": actor.user_id})
    return made


def paper_left(unit: Unit, user_id: int) -> int:
    """Tell how many codes on paper have not been used."""
    return second_factors.codes_left(unit, user_id)


def shows(svc: Desk, unit: Unit, user_id: int, given: str) -> bool:
    """Tell whether a code is right, and use it up: each is good once, none before it after it."""
    typed = "".join(unicodedata.normalize("NFKC", given[:80]).split())
    if typed.isascii() and typed.isdigit() and len(typed) == 6:
        found = second_factors.secret(unit, user_id)
        step = _step(found[0], typed, found[1], wall(svc, unit)) if found else None
        return step is not None and second_factors.used(unit, user_id, step)
    if not second_factors.use_code(unit, user_id, codes.read_code(typed), svc.now()):
        return False
    left = paper_left(unit, user_id)
    journal = {"user": user_id, "left": left}
    house.note(svc, unit, Actor("official", user_id), "paper_code_used", journal)
    _tell(svc, unit, user_id, "paper_used")
    return True


def reset(svc: Desk, unit: Unit, user_id: int) -> None:
    """Take the factor away and end every session; the next sign-in enrols anew.

    Asked for and decided by two persons (`approvals`), a day later; the official and the
    inspector are told. Raises `Refused` access.user_unknown.
    """
    if officials.official(unit, user_id) is None:
        raise Refused("access.user_unknown")
    second_factors.remove(unit, user_id)
    endings.ended(svc, unit, user_id, "factor")
    house.note(svc, unit, None, "totp_reset", {"user": user_id})
    _tell(svc, unit, user_id, "totp_reset")


def _tell(svc: Desk, unit: Unit, user_id: int, what: str) -> None:
    """Mail the official and the inspectors: what happened to whose account, nothing else."""
    own = officials.official(unit, user_id)
    assert own is not None
    words = Say(Phrase(f"official.{what}", {"login": own.login, "desk_url": svc.desk_url}))
    people = (own, *officials.with_role(unit, "inspector"))
    for one in sorted({who.email for who in people if who.email and who.active}):
        roads.mail_official(svc, unit, one, words)


def _step(secret: str, given: str, after: int, now: datetime) -> int | None:
    """Find the step whose code this is, among those that are open and were not used."""
    here = int(now.timestamp()) // STEP
    totp = pyotp.TOTP(secret, interval=STEP)
    typed = "".join(unicodedata.normalize("NFKC", given[:80]).split())
    found = None
    for step in range(here - WINDOW, here + WINDOW + 1):
        same = hmac.compare_digest(totp.generate_otp(step).encode(), typed.encode())
        if same and step > after:
            found = step
    return found


def wall(svc: Desk, unit: Unit) -> datetime:
    """Give the time on the wall: a telephone knows nothing of a rehearsal's moved clock."""
    return svc.now() - instance.clock_offset(unit.conn)
