"""The reader's own links in what he gets: to stop, to choose, to confirm (RFC 8058).

A token is the number of a subscription with a keyed hash (96 bits), in small letters and digits,
so that it fits into the sender of an envelope as well. It opens this subscription and nothing
else, and never tells whose it is.
"""

import hmac
from base64 import b32decode, b32encode
from binascii import Error
from urllib.parse import urlsplit

from storage.crypto import ID_BYTES
from storage.unit import Unit

PURPOSE = "news"
_NUMBER, _TAG = 6, 12  # bytes


def token(unit: Unit, subscription_id: int) -> str:
    """Give the token of a subscription."""
    number = subscription_id.to_bytes(_NUMBER, "big")
    mac = unit.keys.ring.mac(PURPOSE, number)
    return b32encode(number + mac[: ID_BYTES + _TAG]).decode("ascii").rstrip("=").lower()


def read(unit: Unit, typed: str) -> int | None:
    """Give the subscription that a token opens; None for what we never made."""
    if not typed.isascii() or len(typed) > 64:
        return None
    try:
        raw = b32decode(typed.upper() + "=" * (-len(typed) % 8))
    except (Error, ValueError):
        return None
    if len(raw) != _NUMBER + ID_BYTES + _TAG:
        return None
    number, said = raw[:_NUMBER], raw[_NUMBER:]
    ring = unit.keys.ring
    kid = said[:ID_BYTES]
    if not ring.knows(PURPOSE, kid):
        return None
    right = ring.mac(PURPOSE, number, kid=kid)[: ID_BYTES + _TAG]
    return int.from_bytes(number, "big") if hmac.compare_digest(said, right) else None


def stop(public_url: str, token: str) -> str:
    """Give the address that ends it: POST does, GET shows a button."""
    return f"{public_url}/news/stop/{token}"


def choose(public_url: str, token: str) -> str:
    """Give the address where the reader chooses what he gets."""
    return f"{public_url}/news/mine/{token}"


def confirm(public_url: str, token: str) -> str:
    """Give the address that a letter asks to open before the first issue is sent."""
    return f"{public_url}/news/confirm/{token}"


def page(public_url: str, number: str) -> str:
    """Give the address of an issue in the archive."""
    return f"{public_url}/news/{number}"


def host(url: str) -> str:
    """Give the host of a link, as it stands beside it; "" for what is no https link."""
    parts = urlsplit(url)
    return parts.hostname or "" if parts.scheme == "https" else ""
