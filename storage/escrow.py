"""Keys for the safe: three shares of which any two give the key back (SLIP-0039; security S6)."""

from collections.abc import Iterable

import shamir_mnemonic as shamir

from storage.crypto import DESK_TEXT, KEY_TEXT, DeskKey, KeyRing, RingKey, key_text
from storage.errors import StartRefused

NEEDED, SHARES = 2, 3
_KINDS = {KEY_TEXT: b"r", DESK_TEXT: b"d"}


def shares(key: RingKey | DeskKey) -> tuple[str, ...]:
    """Split a key into three lines of words; one of them alone tells nothing of it."""
    ring = isinstance(key, RingKey)
    secret = key.secret if isinstance(key, RingKey) else key.private
    assert secret is not None
    content = _KINDS[KEY_TEXT if ring else DESK_TEXT] + key.mark + secret
    [made] = shamir.generate_mnemonics(1, [(NEEDED, SHARES)], content)
    return tuple(made)


def of_ring(ring: KeyRing) -> list[tuple[str, str, tuple[str, ...]]]:
    """Give every key of a ring: what it is, its id, its shares."""
    found = [("ring", one.id.hex(), shares(one)) for one in ring.keys]
    own = [one for one in ring.desk.values() if one.private is not None]
    return found + [("desk", one.id.hex(), shares(one)) for one in own]


def restore(words: Iterable[str]) -> str:
    """Give back the line of the key file; raises StartRefused for shares that do not fit."""
    try:
        content = shamir.combine_mnemonics([one.strip().lower() for one in words])
    except (shamir.MnemonicError, ValueError) as error:
        reason = "조각이 맞지 않습니다. 같은 열쇠의 서로 다른 두 조각을 적힌 그대로 넣어 주세요"
        raise StartRefused("keys", "restore", reason) from error
    kind, mark, secret = content[:1], content[1:2], content[2:]
    return key_text(secret, mark, desk=kind == _KINDS[DESK_TEXT])
