import base64
import os
from pathlib import Path

import pytest

from storage import crypto
from storage.crypto import KeyRing, RingKey, SealKey, new_key_text
from storage.errors import NotSealed, SealError, StartRefused

OWNER, OTHER = b"o" * 16, b"p" * 16


def a_ring(*names: str) -> KeyRing:
    return KeyRing([RingKey.parse(name, new_key_text()) for name in names or ("one",)])


def a_key() -> SealKey:
    return SealKey(os.urandom(32))


def sealed_by(key: SealKey, plain: bytes = b"plain") -> bytes:
    return crypto.seal(key, "filings.answers", OWNER, plain, os.urandom)


def test_what_was_sealed_opens_at_its_own_place_only():
    key = a_key()
    sealed = sealed_by(key)
    assert crypto.unseal(key, "filings.answers", OWNER, sealed) == b"plain"
    for place, owner in (
        ("filings.identity", OWNER),
        ("filing.sanswers", OWNER),
        ("dialogs.answers", OWNER),
        ("filings.answers", OTHER),
    ):
        with pytest.raises(SealError):
            crypto.unseal(key, place, owner, sealed)


def test_the_same_words_never_look_the_same_twice():
    key = a_key()
    assert sealed_by(key) != sealed_by(key)


def test_every_changed_byte_is_noticed():
    key = a_key()
    sealed = sealed_by(key)
    for at in range(len(sealed)):
        broken = bytearray(sealed)
        broken[at] ^= 1
        with pytest.raises(SealError):
            crypto.unseal(key, "filings.answers", OWNER, bytes(broken))


def test_another_key_does_not_open():
    key = a_key()
    with pytest.raises(SealError, match="another key"):
        crypto.unseal(a_key(), "filings.answers", OWNER, sealed_by(key))
    impostor = SealKey(os.urandom(32), key.id)
    with pytest.raises(SealError, match="does not open"):
        crypto.unseal(impostor, "filings.answers", OWNER, sealed_by(key))


@pytest.mark.parametrize("plain", [b"", "홍길동".encode() * 20, b'{"json": 1}' * 10, b"v1|" * 30])
def test_plain_words_are_never_taken_for_sealed_ones(plain: bytes):
    assert not crypto.is_sealed(plain)
    with pytest.raises(NotSealed):
        crypto.unseal(a_key(), "filings.answers", OWNER, plain)


def test_lists_of_parts_are_framed_unambiguously():
    assert crypto.framed(b"ab", b"c") != crypto.framed(b"a", b"bc")
    assert crypto.framed(b"a", b"") != crypto.framed(b"a")


def test_a_data_key_is_wrapped_for_one_owner_and_purpose():
    ring = a_ring("one", "two")
    wrapped = ring.wrap("content", OWNER, b"k" * 32, os.urandom)
    assert ring.unwrap("content", OWNER, wrapped) == b"k" * 32
    with pytest.raises(SealError):
        ring.unwrap("content", OTHER, wrapped)
    with pytest.raises(SealError):
        ring.unwrap("identity", OWNER, wrapped)
    with pytest.raises(SealError, match="not in the ring"):
        a_ring().unwrap("content", OWNER, wrapped)


def test_the_first_key_writes_and_all_of_them_read():
    old, new = RingKey.parse("old", new_key_text()), RingKey.parse("new", new_key_text())
    wrapped = KeyRing([old]).wrap("content", OWNER, b"k" * 32, os.urandom)
    both = KeyRing([new, old])
    assert both.unwrap("content", OWNER, wrapped) == b"k" * 32
    assert crypto.sealed_by(both.wrap("content", OWNER, b"k" * 32, os.urandom)) == new.id
    assert both.name(old.id) == "old"
    assert both.has(old.id)
    assert not KeyRing([new]).has(old.id)


def test_keys_of_different_purposes_differ_and_stay():
    ring = a_ring("one", "two")
    assert ring.derive("journal") == ring.derive("journal", ring.first)
    assert ring.derive("journal") != ring.derive("code")
    assert ring.derive("journal") != ring.derive("journal", ring.keys[1].id)
    assert ring.check_value(ring.first) != ring.derive("journal")[:16]


def test_an_address_is_found_under_every_key_and_cannot_be_read():
    old, new = RingKey.parse("old", new_key_text()), RingKey.parse("new", new_key_text())
    before = KeyRing([old]).blind_index("address", "telegram 55")
    during = KeyRing([new, old])
    assert before in during.blind_indexes("address", "telegram 55")
    assert during.blind_index("address", "telegram 55") != before
    assert before not in KeyRing([new]).blind_indexes("address", "telegram 55")
    assert len(before) == 32


def test_a_code_opens_its_own_filing_only():
    ring = a_ring("one", "two")
    stored = ring.code_mac("2026-7K3M-Q9", "ABCD-EFGH-JKMN-PQRS")
    assert ring.code_holds(stored, "2026-7K3M-Q9", "ABCD-EFGH-JKMN-PQRS")
    assert not ring.code_holds(stored, "2026-7K3M-QA", "ABCD-EFGH-JKMN-PQRS")
    assert not ring.code_holds(stored, "2026-7K3M-Q9", "ABCD-EFGH-JKMN-PQRT")
    assert not ring.code_holds(None, "2026-7K3M-Q9", "ABCD-EFGH-JKMN-PQRS")
    assert not a_ring().code_holds(stored, "2026-7K3M-Q9", "ABCD-EFGH-JKMN-PQRS")


def test_the_signer_signs_for_its_own_key():
    ring = a_ring("one", "two")
    signature = ring.signer().sign(b"root")
    ring.signer(ring.first).public_key().verify(signature, b"root")
    assert ring.signer().sign(b"root") != ring.signer(ring.keys[1].id).sign(b"root")


def test_a_purpose_that_outlived_its_ring_key_is_named_among_those_that_are_known():
    ring = a_ring("old", "new")
    new, old = ring.keys
    outlived = {(old.id, "roots"): (ring.derive("roots", old.id), old.mark)}
    after = ring.arranged(new.id, (), None, outlived, gone={old.id})
    assert after.knowing("roots") == (new.id, old.id)
    assert after.knowing("journal") == (new.id,)
    assert after.signer(old.id).sign(b"root") == ring.signer(old.id).sign(b"root")


def test_a_blob_is_authenticated_with_its_owners_key():
    one, two = a_key(), a_key()
    tag = one.tag("attachments.blob", b"content")
    assert one.tagged("attachments.blob", b"content", tag)
    assert not two.tagged("attachments.blob", b"content", tag)
    assert not one.tagged("attachments.clean_blob", b"content", tag)
    assert not one.tagged("attachments.blob", b"another", tag)


def test_a_token_is_stored_as_its_hash():
    assert crypto.token_hash("secret") == crypto.token_hash("secret")
    assert b"secret" not in crypto.token_hash("secret")


# --- key files ---


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nothing",
        crypto.KEY_TEXT,
        crypto.KEY_TEXT + "a",
        crypto.KEY_TEXT + base64.urlsafe_b64encode(b"short").decode(),
        base64.urlsafe_b64encode(bytes(range(32))).decode(),
        crypto.KEY_TEXT + "열쇠",
    ],
)
def test_what_is_no_key_is_refused_by_its_name(text: str):
    with pytest.raises(StartRefused) as refused:
        RingKey.parse("JEOKGEUK_KEYS", text)
    assert refused.value.where == "JEOKGEUK_KEYS"


def test_a_key_does_not_show_in_a_traceback():
    text = new_key_text()
    key = RingKey.parse("one", text)
    assert repr(key) == "RingKey(name='one', mark=b'1')"
    assert "secret" not in repr(KeyRing([key]))


def test_a_ring_without_keys_or_with_twins_is_refused():
    with pytest.raises(StartRefused, match="들어 있지 않습니다"):
        KeyRing.from_text("JEOKGEUK_KEYS", "")
    key = new_key_text()
    with pytest.raises(StartRefused, match="두 번"):
        KeyRing.from_text("JEOKGEUK_KEYS", f"{key}, {key}")


def test_a_key_file_holds_the_newest_key_first(tmp_path: Path):
    data, file = tmp_path / "data", tmp_path / "keys" / "jeokgeuk.key"
    data.mkdir()
    file.parent.mkdir()
    crypto.add_key(file)
    first = KeyRing.from_file(file, data)
    assert first.name(first.first) == "jeokgeuk.key"
    crypto.add_key(file)
    both = KeyRing.from_file(file, data)
    assert both.first != first.first
    assert both.has(first.first)
    assert both.name(first.first) == "jeokgeuk.key #2"
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["jeokgeuk.key"]


def test_a_key_that_others_may_read_is_refused(tmp_path: Path):
    file = tmp_path / "jeokgeuk.key"
    crypto.add_key(file)
    for mode in (0o640, 0o604, 0o644):
        file.chmod(mode)
        with pytest.raises(StartRefused, match="chmod 600") as refused:
            KeyRing.from_file(file, tmp_path / "data")
        assert refused.value.where == "jeokgeuk.key"


def test_a_key_inside_the_data_directory_is_refused(tmp_path: Path):
    file = tmp_path / "data" / "deep" / "jeokgeuk.key"
    file.parent.mkdir(parents=True)
    crypto.add_key(file)
    with pytest.raises(StartRefused, match="자료 폴더 안에"):
        KeyRing.from_file(file, tmp_path / "data")
    link = tmp_path / "link.key"
    link.symlink_to(file)
    with pytest.raises(StartRefused, match="자료 폴더 안에"):
        KeyRing.from_file(link, tmp_path / "data")


def test_a_key_file_that_cannot_be_read_is_refused_by_its_setting(tmp_path: Path):
    (tmp_path / "file").touch()
    for place in (tmp_path, tmp_path / "file" / "below"):
        with pytest.raises(StartRefused, match=r"읽을 수 없습니다\. JEOKGEUK_KEY_FILE"):
            KeyRing.from_file(place, tmp_path / "data")


def test_a_missing_key_file_is_refused_by_its_name(tmp_path: Path):
    with pytest.raises(StartRefused, match="파일이 없습니다") as refused:
        KeyRing.from_file(tmp_path / "none.key", tmp_path / "data")
    assert refused.value.where == "none.key"
