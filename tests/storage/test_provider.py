"""Another module of cryptography beside the built-in one (security, issue: 검증필 암호모듈)."""

import os

import pytest

from storage import crypto, provider, rotation
from storage.crypto import DeskKey, KeyRing, RingKey, SealKey, new_desk_text, new_key_text
from storage.errors import Closed, SealError, StartRefused, UnknownKey
from storage.models import key_checks
from storage.repositories import attachments, filings
from storage.repositories import peers as peer_rows
from tests.fakes.clock import MONDAY
from tests.storage.rows import a_filing, a_peer

OWN = "tests.fakes.crypto_module:module"
OWNER = b"o" * 16
BOTH = provider.load(OWN)


def a_ring(*texts, providers=BOTH):
    return KeyRing.from_text("keys", "\n".join(texts), providers)


def test_no_name_means_the_built_in_module():
    assert provider.load("") is provider.STANDARD
    assert provider.load(OWN) == BOTH
    assert list(BOTH) == [b"1", b"C"]


@pytest.mark.parametrize(
    ("where", "why"),
    [
        ("no.such:module", "없습니다"),
        ("tests.fakes.crypto_module:nobody", "없습니다"),
        (":", "없습니다"),
        ("tests.fakes.crypto_module:lying", "처음과 다릅니다"),
        ("tests.fakes.crypto_module:broken", "멈췄습니다"),
        ("tests.fakes.crypto_module:namesake", "처음과 다릅니다"),
    ],
)
def test_a_module_that_does_not_do_its_work_stops_the_start_by_its_setting(where, why):
    with pytest.raises(StartRefused, match=why) as refused:
        provider.load(where)
    assert refused.value.where == "JEOKGEUK_CRYPTO"


def test_each_envelope_names_the_module_that_made_it():
    secret = os.urandom(32)
    one, two = SealKey(secret), SealKey(secret, mark=b"C", providers=BOTH)
    sealed = [crypto.seal(key, "filings.answers", OWNER, b"x", os.urandom) for key in (one, two)]
    assert [crypto.mark_of(value) for value in sealed] == [b"1", b"C"]
    assert [crypto.unseal(two, "filings.answers", OWNER, value) for value in sealed] == [b"x"] * 2
    assert crypto.unseal(two, "filings.answers", OWNER, sealed[0]) == b"x"  # made ready once
    with pytest.raises(SealError, match="not there"):
        crypto.unseal(one, "filings.answers", OWNER, sealed[1])
    broken = sealed[1][:-1] + bytes([sealed[1][-1] ^ 1])
    with pytest.raises(SealError, match="does not open"):
        crypto.unseal(two, "filings.answers", OWNER, broken)


def test_the_tag_of_a_blob_is_checked_by_the_module_that_made_it():
    secret = os.urandom(32)
    one, two = SealKey(secret, providers=BOTH), SealKey(secret, mark=b"C", providers=BOTH)
    tags = [key.tag("attachments.blob", b"content") for key in (one, two)]
    assert tags[0] != tags[1]
    for key in (one, two):
        assert all(key.tagged("attachments.blob", b"content", tag) for tag in tags)
        assert not any(key.tagged("attachments.blob", b"other", tag) for tag in tags)


def test_a_key_of_an_unknown_module_is_refused_by_its_name():
    for text in (new_key_text(mark=b"C"), new_desk_text(mark=b"C")):
        with pytest.raises(StartRefused, match="암호모듈 C") as refused:
            KeyRing.from_text("/run/secrets/jt", text)
        assert refused.value.where == "/run/secrets/jt"


def test_a_ring_passes_from_one_module_to_the_other():
    old, new = new_key_text(), new_key_text(mark=b"C")
    before = a_ring(old)
    wrapped = before.wrap("content", OWNER, b"k" * 32, os.urandom)
    during = a_ring(new, old)
    assert during.unwrap("content", OWNER, wrapped) == b"k" * 32
    assert crypto.mark_of(during.wrap("content", OWNER, b"k" * 32, os.urandom)) == b"C"
    assert during.blind_index("address", "x") in during.blind_indexes("address", "x")
    assert during.mac_holds("page", before.mac("page", b"x"), b"x")
    assert not before.mac_holds("page", during.mac("page", b"x"), b"x")


def test_data_of_both_modules_live_in_one_database(database):
    old, new = new_key_text(), new_key_text(mark=b"C")
    first = database.open(secrets=a_ring(old))
    row = a_filing(first, "2026-AAAA-A2")
    peer = a_peer(first)
    file = first.transact(lambda unit: a_file(unit, b"old"), None)
    first.close()
    both = database.open(secrets=a_ring(new, old))
    both.rewrap()
    later = a_filing(both, "2026-AAAA-A3")
    newer = both.transact(lambda unit: a_file(unit, b"new"), None)
    assert (
        both.transact(lambda unit: filings.set_identity(unit, row, {"name": "나"}), None) is None
    )
    both.transact(lambda unit: rotation.retire(unit, RingKey.parse("", old).id), None)
    both.close()
    after = database.open(secrets=a_ring(new))
    for one in (row, later):
        assert after.read(lambda unit, one=one: filings.answers(unit, one))
    assert after.read(lambda unit: filings.identity(unit, row)) == {"name": "나"}
    assert after.read(lambda unit: peer_rows.find(unit, "telegram", "1", "55")) == peer
    for one, content in ((file, b"old"), (newer, b"new")):
        assert after.read(lambda unit, one=one: attachments.original(unit, one)) == content
    after.close()


def a_file(unit, content):
    file = attachments.add(unit, kind="document", now=MONDAY)
    attachments.store(unit, file, content)
    return attachments.by_ref(unit, file.ref)


def test_without_the_module_that_once_sealed_the_start_stops(database):
    old, new = new_key_text(), new_key_text(mark=b"C")
    database.open(secrets=a_ring(new)).close()
    with pytest.raises(StartRefused, match="암호모듈 C") as refused:
        database.open(secrets=a_ring(old, providers=provider.STANDARD))
    assert refused.value.where == "JEOKGEUK_CRYPTO"
    assert key_checks is not None


# --- the keys of the desk ---


def test_what_is_sealed_to_the_desk_opens_with_its_private_half_only():
    whole = a_ring(new_key_text(), new_desk_text())
    key = next(iter(whole.desk.values()))
    public = KeyRing(whole.keys, desk=[DeskKey("desk", key.public)])
    wrapped = public.enclose("identity", OWNER, b"k" * 32)
    assert whole.disclose("identity", OWNER, wrapped) == b"k" * 32
    assert whole.discloses
    assert not public.discloses
    with pytest.raises(Closed):
        public.disclose("identity", OWNER, wrapped)
    with pytest.raises(SealError, match="does not open"):
        whole.disclose("identity", b"p" * 16, wrapped)
    with pytest.raises(UnknownKey):
        a_ring(new_key_text(), new_desk_text()).disclose("identity", OWNER, wrapped)


def test_a_key_of_the_desk_does_not_show_in_a_traceback():
    key = DeskKey.parse("desk", new_desk_text())
    assert "private" not in repr(key)


def test_a_key_of_the_desk_is_read_from_a_file_of_its_own(tmp_path):
    ring, desk = tmp_path / "ring", tmp_path / "desk"
    crypto.add_key(ring)
    both = KeyRing.from_file(ring, tmp_path / "data")
    assert both.discloses
    assert len(both.desk) == 1
    ring.write_text(new_key_text())
    desk.write_text(new_desk_text())
    desk.chmod(0o600)
    apart = KeyRing.from_file(ring, tmp_path / "data", desk)
    assert apart.desk_first in apart.desk
    desk.chmod(0o644)
    with pytest.raises(StartRefused, match="chmod 600"):
        KeyRing.from_file(ring, tmp_path / "data", desk)
    with pytest.raises(StartRefused, match="열쇠가 아닙니다"):
        KeyRing.from_text("keys", f"{new_key_text()} jeokgeuk-desk-key-1:short")
    one = new_desk_text()
    with pytest.raises(StartRefused, match="두 번"):
        KeyRing.from_text("keys", f"{new_key_text()} {one} {one}")
    assert KeyRing.from_text("keys", new_key_text()).desk_first is None


def test_what_a_retired_key_once_proved_stays_provable():
    old, new = new_key_text(mark=b"C"), new_key_text()
    before = a_ring(old)
    code = before.code_mac("2026-AAAA-A2", "ABCD")
    kept = {(before.first, "code"): (before.derive("code"), b"C")}
    both = a_ring(new, old)
    after = both.arranged(both.first, (), None, kept, {before.first})
    assert not after.has(before.first)
    assert after.knows("code", before.first)
    assert after.code_holds(code, "2026-AAAA-A2", "ABCD")
    assert not after.code_holds(code, "2026-AAAA-A2", "ABCE")
    with pytest.raises(UnknownKey):
        after.derive("wrap.content", before.first)
