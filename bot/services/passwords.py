"""Passwords: hashed with Argon2id, two at once, so that guessing cannot eat the machine (S30)."""

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST = 12  # signs
MOST = 200
FEWEST = 5  # different signs: "111111111111" is long and nothing else
_hasher = PasswordHasher()  # RFC 9106, second recommended: 64 MiB, 3 passes
_two_at_once = threading.BoundedSemaphore(2)
_NOBODY = (
    "$argon2id$v=19$m=65536,t=3,p=4"
    "$MmFHC3Zw2Opq4PZbsnsN1w$QeZ+lPkdBFD7gPmCSYjcS80Eyl6KsikTCyZJghSY8Oo"
)
"""Nobody's password, made as `hashed` makes one and thrown away.

Verified when there is no such account, so that a guess costs the same.
"""


def good(password: str) -> bool:
    """Tell whether a new password is long enough and more than one sign repeated."""
    return LEAST <= len(password) <= MOST and len(set(password)) >= FEWEST


def hashed(password: str) -> str:
    with _two_at_once:
        return _hasher.hash(password)


def holds(stored: str, password: str) -> bool:
    """Check a password; where nothing is stored it is no, after the same work."""
    with _two_at_once:
        try:
            right = _hasher.verify(stored or _NOBODY, password[:MOST])
        except (VerificationError, InvalidHashError):
            return False
    return right and bool(stored)
