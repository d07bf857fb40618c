"""What a road may do to files: lose, repeat, swap, change and forge them; each is found and named."""

import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import pyrage

from storage import crossing
from storage.repositories import filings, relays
from storage.store import open_store
from tests.relay.conftest import Pair, Side, keys


def filed(side: Side, count: int = 1) -> list[str]:
    """File so many reports, a file of the road for each."""
    numbers = []
    for _ in range(count):
        numbers.append(side.file().number)
        side.step()
    return numbers


def there(side: Side, numbers: list[str]) -> list[bool]:
    return [side.see(lambda u, n=n: filings.by_number(u, n)) is not None for n in numbers]


def why(side: Side) -> list[str]:
    return [one.status for one in side.relay.standing().refused]


def put(side: Side, name: str, content: bytes) -> Path:
    path = side.link.come / name
    path.write_bytes(content)
    return path


def letter(side: Side, path: Path, **changes: object) -> bytes:
    """Read a file as its receiver does; gives it written anew, with changes."""
    ends = side.link.ends
    found = crossing.read(ends.own, ends.peer, ends.reads, path.read_bytes())
    return found if not changes else replace(found, **changes)  # type: ignore[return-value]


def test_names_tell_nothing_but_direction_and_number(road: Pair):
    filed(road.outside)
    [path] = road.outside.out()
    assert path.name == "in-0000000001.jtr"
    assert path.stat().st_mode & 0o777 == 0o640
    raw = path.read_bytes()
    assert raw.startswith(b"age-encryption.org/v1")
    assert "도로".encode() not in raw


def test_a_later_file_waits_for_the_one_that_is_missing(road: Pair):
    outside, inside = road.outside, road.inside
    numbers = filed(outside, 3)
    lost = road.outside.out()[0]
    kept = lost.read_bytes()
    lost.unlink()
    road.carry()
    inside.step()
    stands = inside.relay.standing()
    assert (stands.read, stands.ahead, stands.missing) == (0, (2, 3), (1,))
    assert there(inside, numbers) == [False, False, False]
    assert outside.relay.again(1)
    [again] = outside.out()
    assert again.read_bytes() == kept
    road.carry()
    inside.step()
    assert there(inside, numbers) == [True, True, True]
    assert inside.relay.standing().missing == ()


def test_a_missing_number_is_asked_for_by_itself(road: Pair):
    outside, inside = road.outside, road.inside
    numbers = filed(outside, 2)
    outside.out()[0].unlink()
    road.carry()
    road.clock.advance(minutes=11)
    inside.step()  # says in a file of its own what it lacks
    road.settle()
    assert there(inside, numbers) == [True, True]


def test_the_last_file_lost_is_put_out_again_after_an_hour(road: Pair):
    numbers = filed(road.outside)
    road.outside.out()[0].unlink()
    road.outside.step()
    assert road.outside.out() == []
    road.clock.advance(hours=2)
    road.settle()
    assert there(road.inside, numbers) == [True]


def test_a_repeated_file_changes_nothing(road: Pair):
    filed(road.outside)
    [path] = road.outside.out()
    content = path.read_bytes()
    road.settle()
    before = road.inside.relay.standing()
    put(road.inside, path.name, content)
    assert road.inside.step() == 1
    assert road.inside.relay.standing() == before
    assert list(road.inside.link.come.iterdir()) == []


def test_files_in_the_wrong_order_are_read_in_theirs(road: Pair):
    numbers = filed(road.outside, 3)
    names = [path.name for path in road.outside.out()]
    for path, name in zip(road.outside.out(), reversed(names), strict=True):
        shutil.move(path, road.inside.link.come / name)
    road.inside.step()
    assert there(road.inside, numbers) == [True, True, True]
    assert why(road.inside) == []


def test_an_altered_file_is_refused_and_the_true_one_still_read(road: Pair):
    numbers = filed(road.outside)
    [path] = road.outside.out()
    content = path.read_bytes()
    for at in (200, len(content) // 2, len(content) - 3):
        altered = bytearray(content)
        altered[at] ^= 1
        put(road.inside, path.name, bytes(altered))
        road.inside.step()
    put(road.inside, path.name, content[: len(content) // 2])
    road.inside.step()
    assert set(why(road.inside)) <= {"unreadable", "receiver"}
    assert len(why(road.inside)) == 4
    assert there(road.inside, numbers) == [False]
    aside = [one.name for one in road.inside.link.aside.iterdir()]
    assert len(aside) == 4
    assert all(name.startswith("in-0000000001.jtr.") for name in aside)
    road.settle()
    assert there(road.inside, numbers) == [True]


def test_a_file_that_is_still_being_written_is_left_alone(road: Pair):
    filed(road.outside)
    [path] = road.outside.out()
    road.inside.relay.still = 60.0
    put(road.inside, path.name, path.read_bytes()[:300])
    assert road.inside.step() == 0
    assert why(road.inside) == []
    assert "unreadable" in road.inside.relay.standing().stuck
    road.settle()
    assert road.inside.relay.standing().read >= 1


def test_forged_files_are_refused_by_name(road: Pair, tmp_path: Path):
    outside, inside = road.outside, road.inside
    filed(outside)
    [path] = outside.out()
    true = letter(inside, path)
    stranger, ends = keys(tmp_path, "stranger"), outside.link.ends
    to_inside = ends.peer
    forged = crossing.write(stranger, to_inside, true)
    spoken = pyrage.encrypt(b"x" * 500, [to_inside.reads])
    other = crossing.write(ends.own, stranger.public, true)
    turned = crossing.write(ends.own, to_inside, replace(true, direction="out"))
    # Taken from its true reader and sealed anew, its words are still for somebody else.
    opened = pyrage.decrypt(other, [stranger.reads])
    passed_on = pyrage.encrypt(opened, [to_inside.reads])
    big = b"\0" * (ends.most + 1)
    for content in (forged, spoken, other, turned, passed_on, big):
        put(inside, path.name, content)
        inside.step()
    found = ["size", "receiver", "direction", "receiver", "forged", "forged"]
    assert why(inside) == found
    assert list(inside.link.come.iterdir()) == []
    road.settle()
    assert inside.relay.standing().read >= 1


def test_a_file_under_a_number_that_was_read_is_refused(road: Pair):
    filed(road.outside)
    true = letter(road.inside, road.outside.out()[0])
    road.settle()
    ends = road.outside.link.ends
    put(road.inside, "in-0000000001.jtr", crossing.write(ends.own, ends.peer, true))
    wrong = replace(true, number=3, prev=b"\1" * 32)
    put(road.inside, "in-0000000003.jtr", crossing.write(ends.own, ends.peer, wrong))
    road.inside.step()
    assert why(road.inside) == ["chain", "conflict"]


def test_what_only_a_newer_version_knows_waits(road: Pair):
    ends = road.outside.link.ends
    at = road.clock()
    strange = crossing.Letter("in", 1, crossing.START, 0, crossing.START, (), at, ({"kind": "x"},))
    put(road.inside, "in-0000000001.jtr", crossing.write(ends.own, ends.peer, strange))
    assert road.inside.step() == 0
    assert road.inside.relay.standing().read == 0
    assert why(road.inside) == []


def test_what_arrived_is_confirmed_and_let_go(road: Pair):
    filed(road.outside)
    assert [one.number for one in road.outside.relay.standing().waiting] == [1]
    road.settle()
    stands = road.outside.relay.standing()
    assert (stands.arrived, stands.waiting) == (1, ())
    assert road.outside.see(lambda u: relays.kept(u, "in"))
    road.clock.advance(hours=49)
    road.outside.step()
    assert not road.outside.see(lambda u: relays.kept(u, "in"))
    assert not road.outside.relay.again(1)


def test_two_sides_with_nothing_to_say_are_silent(road: Pair):
    filed(road.outside)
    road.settle()
    for _ in range(3):
        road.clock.advance(hours=3)
        assert road.outside.step() + road.inside.step() + road.carry() == 0


def test_nothing_is_put_out_while_a_restored_database_waits_for_a_person(road: Pair):
    road.outside.file()
    road.outside.store.hold = "restored"
    assert road.outside.step() == 0
    assert road.outside.out() == []


def snapshot(side: Side, folder: Path) -> Path:
    """Copy a database as a backup has it."""
    target = folder / "yesterday.db"
    with (
        sqlite3.connect(str(side.store.engine.url.database)) as now,
        sqlite3.connect(target) as then,
    ):
        now.backup(then)
    return target


def back(side: Side, copy: Path, folder: Path) -> Side:
    """Go back to a copy: the same keys, the same folders, the files of blobs that are there."""
    store = open_store(
        f"sqlite:///{copy}", kind="service", secrets=side.store.ring, data_dir=folder, least=0
    )
    store.hold = ""
    store.blobs = side.store.blobs
    side.relay.store = store
    relay = replace(side.relay, store=store)
    return replace(side, store=store, relay=relay)


def test_an_outside_that_was_restored_goes_on_behind_what_was_read(road: Pair, tmp_path: Path):
    first = filed(road.outside)
    road.settle()
    copy = snapshot(road.outside, tmp_path)
    between = filed(road.outside)
    road.settle()
    road.outside = back(road.outside, copy, tmp_path / "first")
    after = filed(road.outside)
    road.settle()
    assert set(why(road.inside)) == {"conflict"}
    road.inside.act("kim", first[0], "assign", handler="park", unit="road")
    road.clock.advance(minutes=11)
    road.settle()
    assert there(road.inside, [*first, *between, *after]) == [True, True, True]
    assert road.outside.filing(first[0]).state == "triage"


def test_an_inside_that_was_restored_is_given_again_what_it_lost(road: Pair, tmp_path: Path):
    first = filed(road.outside)
    road.settle()
    copy = snapshot(road.inside, tmp_path)
    between = filed(road.outside)
    road.settle()
    road.inside.act("kim", first[0], "assign", handler="park", unit="road")
    road.settle()
    road.inside = back(road.inside, copy, tmp_path / "second")
    assert there(road.inside, between) == [False]
    road.inside.act("kim", first[0], "assign", handler="lim", unit="road")
    road.clock.advance(minutes=11)
    road.settle()
    filed(road.outside)
    road.clock.advance(hours=2)
    road.settle()
    assert there(road.inside, [*first, *between]) == [True, True]
