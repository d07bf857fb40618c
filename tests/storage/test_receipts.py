"""Receipts are checked with the public key alone, and nobody else makes one (S4, S13)."""

from datetime import UTC, datetime

import pytest

from storage import receipts
from storage.crypto import KeyRing, RingKey
from storage.journal import Head

RING = KeyRing([RingKey("a", bytes(range(32)))])
OTHER = KeyRing([RingKey("b", bytes(32))])
AT = datetime(2026, 11, 23, 1, 12, 30, 999, tzinfo=UTC)
HEAD = Head(3, bytes(range(32)))
LINE = receipts.sign(RING, "2026-7K3M-Q9", AT, "passive_report", HEAD)


def test_a_receipt_says_what_was_signed_and_is_short_enough_for_a_line():
    found = receipts.genuine(RING, f"  {LINE[:60]}\n{LINE[60:]} ")
    assert found is not None
    assert found.text == LINE
    assert (found.number, found.procedure, found.head) == ("2026-7K3M-Q9", "passive_report", HEAD)
    assert found.at == AT.replace(microsecond=0)
    assert len(LINE) < 200


def test_an_outsider_checks_it_with_the_key_that_is_published():
    [(name, key)] = receipts.public_keys(RING).items()
    found = receipts.read(LINE)
    assert name == found.key_id
    assert receipts.holds(found, receipts.public_key(key))
    assert not receipts.holds(
        found, receipts.public_key(receipts.public_keys(OTHER)[OTHER.first.hex()])
    )


def test_what_a_notice_carries_is_signed_the_same_and_is_no_receipt():
    line = receipts.sign(RING, "2026-7K3M-Q9", AT, "passive_report", HEAD, notice=True)
    found = receipts.genuine(RING, line)
    assert (found.notice, found.head) == (True, HEAD)
    assert not receipts.genuine(RING, LINE).notice
    assert receipts.genuine(RING, line.replace("JKN1", "JKR1")) is None


@pytest.mark.parametrize("at", range(5, len(LINE) - 1, 7))
def test_no_sign_of_it_can_be_changed(at: int):
    other = "3" if LINE[at] == "2" else "2"
    assert receipts.genuine(RING, LINE[:at] + other + LINE[at + 1 :]) is None


@pytest.mark.parametrize(
    "typed",
    [
        "", "JKR1", LINE + "A", LINE[:-1], "x" * 5000, LINE.replace("20261123T", "20261399T"),
        receipts.sign(OTHER, "2026-7K3M-Q9", AT, "passive_report", HEAD),
    ],
)  # fmt: skip
def test_what_we_have_not_signed_is_nothing(typed: str):
    assert receipts.genuine(RING, typed) is None


@pytest.mark.parametrize("text", ["", "AAAA", "…", "not a key"])
def test_a_public_key_that_is_none_is_a_value_error(text: str):
    with pytest.raises(ValueError, match=r".+"):
        receipts.public_key(text)
