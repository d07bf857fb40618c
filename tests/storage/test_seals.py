"""Seals of bundles are checked with the public key alone, and nobody else makes one (S4)."""

from datetime import UTC, datetime

import pytest

from storage import receipts, seals
from storage.crypto import KeyRing, RingKey
from storage.journal import Head

RING = KeyRing([RingKey("a", bytes(range(32)))])
OTHER = KeyRing([RingKey("b", bytes(32))])
AT = datetime(2026, 11, 23, 1, 12, 30, 999, tzinfo=UTC)
HEAD = Head(3, bytes(range(32)))
MANIFEST = b"00  2026-7K3M-Q9/filed.json\n"
LINE = seals.sign(RING, "2026-7K3M-Q9", AT, MANIFEST, HEAD)


def test_a_seal_says_what_was_signed():
    found = seals.read(f"{LINE}\n")
    assert (found.number, found.head) == ("2026-7K3M-Q9", HEAD)
    assert found.at == AT.replace(microsecond=0)
    public = seals.ours(RING, found)
    assert seals.holds(found, MANIFEST, public)
    [published] = receipts.public_keys(RING).values()
    assert seals.holds(found, MANIFEST, receipts.public_key(published))


def test_another_manifest_and_another_key_do_not_hold():
    found = seals.read(LINE)
    assert not seals.holds(found, MANIFEST + b"x", seals.ours(RING, found))
    assert not seals.holds(found, MANIFEST, OTHER.signer().public_key())
    assert seals.ours(OTHER, found) is None


@pytest.mark.parametrize("at", range(5, len(LINE) - 1, 7))
def test_no_sign_of_it_can_be_changed(at: int):
    found = seals.read(LINE[:at] + ("3" if LINE[at] == "2" else "2") + LINE[at + 1 :])
    public = RING.signer().public_key()
    assert found is None or not seals.holds(found, MANIFEST, public)


@pytest.mark.parametrize("line", ["", "JKB1", LINE + "A", LINE.replace("20261123T", "20261399T")])
def test_what_has_another_shape_is_no_seal(line: str):
    assert seals.read(line) is None


def test_a_receipt_is_no_seal():
    line = receipts.sign(RING, "2026-7K3M-Q9", AT, "preconsulting", HEAD)
    assert seals.read(line) is None
    assert receipts.read(LINE) is None
