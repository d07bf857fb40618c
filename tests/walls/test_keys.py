"""Keys: rotated under load, wrong or missing or open to all, stolen, lost and brought back (S6)."""

import copy
import dataclasses
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from bot.cli import app
from bot.receive import Receiver
from bot.settings import Site, read_site
from storage import crypto, escrow, journal, key_files, rotating, rotation
from storage.crypto import DeskKey, KeyRing, RingKey, new_desk_text, new_key_text
from storage.errors import Closed, SealError, StartRefused
from storage.keychain import Cache, Keychain
from storage.learning import LEARN, STEP
from storage.models import finders, key_checks, keys, metadata, peers
from storage.repositories import filings
from storage.repositories import peers as peer_rows
from storage.store import Store
from tests.conftest import Database
from tests.fakes.city import SITE, City, Clock, Somebody
from tests.storage.rows import a_filing, a_peer

LINES = 20


@dataclasses.dataclass
class Files:
    """The key files of an installation, and its processes."""

    database: Database
    ring: Path
    desk: Path
    ticks: list[float]
    stores: list[Store] = dataclasses.field(default_factory=list)

    def read(self, *, desk: bool = True) -> KeyRing:
        data = self.database.folder / "data"
        return KeyRing.from_file(self.ring, data, self.desk if desk else None)

    def process(self, part: str = "all", reload: Callable[[], KeyRing] | None = None) -> Store:
        """Start a process; its clock for looking at keys is ours."""
        store = self.database.open(
            secrets=self.read(desk=part != "public"),
            part=part,
            reload=reload or (lambda: self.read(desk=part != "public")),
        )
        assert store.learner is not None
        store.learner.clock = lambda: self.ticks[0]
        store.learner._next = 0.0
        self.stores.append(store)
        return store

    def new(self) -> None:
        key_files.add(self.ring, new_key_text())
        key_files.add(self.desk, new_desk_text())

    def pass_time(self) -> None:
        self.ticks[0] += STEP


@pytest.fixture
def files(database: Database, tmp_path: Path) -> Any:
    folder = tmp_path / "keys"
    folder.mkdir()
    made = Files(database, folder / "ring", folder / "desk", [1.0])
    made.new()
    yield made
    for store in made.stores:
        store.close()


# --- rotation ---


class Load:
    """People who report all the time, until they are told to stop; what failed is kept."""

    def __init__(self, cities: list[City]) -> None:
        self._stop = threading.Event()
        self._moved = threading.Condition()
        self._turns = [0] * len(cities)
        self.failed: list[BaseException] = []
        self.filed: list[str] = []
        self._threads = [
            threading.Thread(target=self._talk, args=(n, city)) for n, city in enumerate(cities)
        ]
        for thread in self._threads:
            thread.start()

    def everybody_goes_on(self, turns: int) -> None:
        """Wait until each has had so many turns more."""
        with self._moved:
            goal = [done + turns for done in self._turns]
            reached = self._moved.wait_for(
                lambda: (
                    bool(self.failed)
                    or all(now >= then for now, then in zip(self._turns, goal, strict=True))
                ),
                timeout=60,
            )
        assert reached

    def end(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)

    def _talk(self, n: int, city: City) -> None:
        try:
            report = 0
            while not self._stop.is_set():
                report += 1
                person = _Counted(city, "web", "web", f"web-{n}-{report}")
                person.told = lambda: self._turn(n)
                person.report()
                person.press("안내를 보았고")
                self.filed.append(person.address)
        except BaseException as error:  # noqa: BLE001 - told by the test
            self.failed.append(error)
            with self._moved:
                self._moved.notify_all()

    def _turn(self, n: int) -> None:
        with self._moved:
            self._turns[n] += 1
            self._moved.notify_all()


@dataclasses.dataclass
class _Counted(Somebody):
    told: Callable[[], None] = lambda: None

    def send(self, inbound: Any) -> Any:
        received = super().send(inbound)
        self.told()
        return received


def a_city(store: Store, site: Site, texts: Any) -> City:
    return City(store, Clock(), site, texts)


def another(city: City, store: Store) -> City:
    """Give the same city in another process."""
    made = copy.copy(city)
    made.store = store
    made.receiver = Receiver(city.receiver.parts, store, waited=lambda _seconds: None)
    return made


def test_keys_are_rotated_under_load_without_a_failed_turn(files: Files, texts: Any) -> None:
    one, two = files.process(), files.process("public")
    old = files.read()
    here = a_city(one, read_site(SITE), texts)
    load = Load([here, another(here, two), here, another(here, two)])
    load.everybody_goes_on(2)
    files.new()

    def wait() -> None:
        load.everybody_goes_on(1)
        files.pass_time()
        load.everybody_goes_on(2)

    try:
        done = rotating.rotate(one, wait)
        load.everybody_goes_on(3)
    finally:
        load.end()
    assert load.failed == []
    assert done.wrapped > 0
    assert set(done.retired) == {old.first.hex(), (old.desk_first or b"").hex()}
    new = files.read()
    for store in (one, two):
        assert store.ring.first == new.first
        assert store.ring.desk_first == new.desk_first
    assert not two.ring.discloses
    nothing_is_left_of(old, one)
    doubled = one.read(lambda u: u.conn.scalars(sa.select(peers.c.ix_key_id)).all())
    assert set(doubled) == {new.first.hex()}
    assert len(load.filed) == one.read(
        lambda u: u.conn.scalar(sa.select(sa.func.count()).select_from(metadata.tables["filings"]))
    )


def nothing_is_left_of(old: KeyRing, store: Store) -> None:
    """With the old keys and all rows of today nothing opens and nothing is found."""
    unit = store.read(lambda u: list(u.conn.execute(sa.select(keys).where(keys.c.key_id != ""))))
    assert unit
    for row in unit:
        with pytest.raises(SealError):
            store.read(
                lambda u, row=row: Keychain(u.conn, old, Cache(), u.random)._unwrap(
                    (row.owner, row.purpose), row.wrapped
                )
            )
    for table, column in ((peers, peers.c.ix_key_id), (finders, finders.c.key_id)):
        under = sa.select(sa.func.count()).select_from(table).where(column == old.first.hex())
        assert store.read(lambda u, under=under: u.conn.scalar(under)) == 0


def test_an_old_key_beside_a_new_dump_opens_nothing_and_finds_nobody(files: Files) -> None:
    store = files.process()
    row, peer = a_filing(store), a_peer(store)
    code = store.ring.code_mac("2026-7K3M-Q9", "ABCD")
    store.transact(lambda u: journal.append(u, row.sid, row.arrived_at, "x", "filed", {}), None)
    old = files.read()
    files.new()
    rotating.rotate(store, files.pass_time)
    nothing_is_left_of(old, store)
    with pytest.raises(StartRefused):
        files.database.open(secrets=old)
    ix = store.read(lambda u: u.conn.scalar(sa.select(peers.c.address_ix)))
    assert ix not in old.blind_indexes("address", "telegram\x001\x0055")
    # … while the new one goes on with all of it, also after another rotation and a new start.
    files.new()
    rotating.rotate(store, files.pass_time)
    files.ring.write_text(files.ring.read_text().splitlines()[0])
    files.desk.write_text(files.desk.read_text().splitlines()[0])
    after = files.process()
    assert after.read(lambda u: filings.identity(u, row)) == {"name": "홍길동"}
    assert after.read(lambda u: peer_rows.find(u, "telegram", "1", "55")) == peer
    assert after.ring.code_holds(code, "2026-7K3M-Q9", "ABCD")
    assert after.read(lambda u: journal.verify(u, row.sid)) == []


def test_a_process_without_the_new_key_stops_the_rotation_before_it_begins(files: Files) -> None:
    before = files.read()
    one, far = files.process(), files.process(reload=lambda: before)
    a_filing(one)
    files.new()

    def wait() -> None:
        files.pass_time()
        a_peer(far, "a turn of the other host")

    with pytest.raises(StartRefused, match="읽지 못한 프로세스") as caught:
        rotating.rotate(one, wait)
    assert caught.value.where == "keys"
    assert far.learner is not None
    assert far.learner.process in caught.value.reason
    assert one.ring.first == before.first
    again = files.database.open(secrets=before)  # it may start anew with what it has
    a_filing(again, "2026-AAAA-A4")
    again.close()
    a_filing(far, "2026-AAAA-A2")
    far.learner.reload = files.read
    assert rotating.rotate(one, wait).retired
    a_filing(far, "2026-AAAA-A3")
    assert far.ring.first == files.read().first


def test_a_rotation_that_broke_off_is_finished_by_the_next(files: Files) -> None:
    store = files.process()
    row = a_filing(store)
    old = store.ring.first
    files.new()
    assert rotating.begun(store) is False
    calls = []

    def die() -> None:
        files.pass_time()
        calls.append(store.promote())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotating.rotate(store, die)
    assert calls == [True]
    assert rotating.rotate(store, files.pass_time).wrapped == 2
    assert store.ring.first != old
    assert store.read(lambda u: filings.answers(u, row))
    assert not rotating.begun(store)


def test_a_part_without_the_key_of_the_desk_cannot_rotate(files: Files) -> None:
    files.process("desk")
    public = files.process("public")
    files.new()
    with pytest.raises(StartRefused, match="신원의 열쇠") as caught:
        rotating.rotate(public, files.pass_time)
    assert caught.value.where == "JEOKGEUK_DESK_KEY_FILE"


def test_a_key_that_comes_while_a_turn_runs_is_read_from_the_file(files: Files) -> None:
    one, two = files.process(), files.process()
    row = a_filing(one)
    files.new()
    rotating.rotate(one, files.pass_time)
    assert two.learner is not None
    two.learner._next = files.ticks[0] + LEARN  # it has looked just before
    two.cache.clear()
    assert two.read(lambda u: filings.answers(u, row))
    two.cache.clear()
    assert two.transact(lambda u: filings.identity(u, row), None) == {"name": "홍길동"}


# --- keys that do not fit ---


def test_a_part_that_lacks_what_it_needs_does_not_start(files: Files) -> None:
    database = files.database
    with pytest.raises(StartRefused, match="아직 등록되지") as caught:
        files.process("public")
    assert caught.value.where == "JEOKGEUK_DESK_KEY_FILE"
    a_filing(files.process("desk"))
    for part in ("desk", "work", "all"):
        with pytest.raises(StartRefused, match="열쇠가 없습니다") as caught:
            database.open(secrets=files.read(desk=False), part=part)
        assert caught.value.where == "JEOKGEUK_DESK_KEY_FILE"
    wrong = KeyRing.from_text("keys", files.ring.read_text(), desk=new_desk_text())
    with pytest.raises(StartRefused, match="이 데이터베이스의 열쇠가 아닙니다"):
        database.open(secrets=wrong)
    files.process("public")


def test_a_public_key_that_somebody_else_put_into_the_database_stops_the_start(
    files: Files,
) -> None:
    store = files.process()
    mine = DeskKey.parse("x", new_desk_text())
    table = metadata.tables["desk_keys"]
    store.transact(lambda u: u.conn.execute(sa.update(table).values(public=mine.public)), None)
    with pytest.raises(StartRefused, match="이 설치의 것이 아닙니다") as caught:
        files.process("public")
    assert caught.value.where == "desk_keys"


def test_the_public_part_writes_who_reported_and_cannot_read_it(files: Files) -> None:
    desk, public = files.process("desk"), files.process("public")
    row = a_filing(public)
    for work in (filings.identity, lambda u, f: u.keys.open("filings.identity", f.sid, b"")):
        with pytest.raises(Closed):
            public.read(lambda u, work=work: work(u, row))
    assert not public.read(lambda u: u.keys.may_open("filings.identity"))
    assert public.read(lambda u: filings.answers(u, row))
    assert desk.read(lambda u: filings.identity(u, row)) == {"name": "홍길동"}
    public.transact(lambda u: filings.set_identity(u, row, {"name": "김길동"}), None)
    with pytest.raises(Closed):
        public.read(lambda u: filings.identity(u, row))
    desk.cache.clear()
    assert desk.read(lambda u: filings.identity(u, row)) == {"name": "김길동"}


def test_an_installation_from_before_gets_its_identities_sealed_to_the_desk(files: Files) -> None:
    plain = files.database.open(secrets=files.read(desk=False))
    row = a_filing(plain)
    assert plain.ring.desk_first is None
    plain.close()
    store = files.process()
    assert store.read(lambda u: filings.identity(u, row)) == {"name": "홍길동"}
    assert store.rewrap() == 1
    public = files.process("public")
    with pytest.raises(Closed):
        public.read(lambda u: filings.identity(u, row))
    store.cache.clear()
    assert store.read(lambda u: filings.identity(u, row)) == {"name": "홍길동"}


def test_a_key_that_writes_is_never_retired(files: Files) -> None:
    store = files.process()
    for kid in (store.ring.first, store.ring.desk_first):
        with pytest.raises(StartRefused, match="아직 쓰는 열쇠"):
            store.transact(lambda u, kid=kid: rotation.retire(u, kid), None)
    assert store.read(rotation.rotated_at) is not None
    assert store.read(rotation.old) == ()
    assert key_checks is not None


# --- the safe ---


def test_any_two_of_three_shares_bring_every_key_back(files: Files, tmp_path: Path) -> None:
    store = files.process()
    row = a_filing(store)
    found = escrow.of_ring(files.read())
    assert [kind for kind, _, _ in found] == ["ring", "desk"]
    again = tmp_path / "keys" / "again"
    for _, _, shares in found:
        assert len(shares) == escrow.SHARES
        key_files.add(again, escrow.restore([f" {shares[2].upper()} ", shares[0]]))
        assert escrow.restore(shares[1:]) == escrow.restore(shares[:2])
    files.ring.unlink()
    files.desk.unlink()
    back = files.database.open(secrets=KeyRing.from_file(again, tmp_path / "data"))
    assert back.read(lambda u: filings.identity(u, row)) == {"name": "홍길동"}
    back.close()


@pytest.mark.parametrize(
    "pick",
    [
        lambda one, _two: [one[0]],
        lambda one, _two: [one[0], one[0]],
        lambda one, two: [one[0], two[1]],
        lambda one, _two: [one[0], one[1].replace(one[1].split()[9], "academic", 1) + " acid"],
        lambda _one, _two: ["열쇠", "조각"],
    ],
)
def test_shares_that_do_not_belong_together_give_no_key(pick: Any) -> None:
    keys_ = [RingKey.parse("", new_key_text()) for _ in range(2)]
    with pytest.raises(StartRefused, match="조각이 맞지 않습니다"):
        escrow.restore(pick(*(escrow.shares(key) for key in keys_)))


def test_the_commands_of_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "JEOKGEUK_KIND": "service",
        "JEOKGEUK_DATA": str(tmp_path / "data"),
        "JEOKGEUK_SITE": str(SITE),
        "JEOKGEUK_PUBLIC_URL": "https://talk.gaon.example",
        "JEOKGEUK_KEY_FILE": str(tmp_path / "ring"),
        "JEOKGEUK_DESK_KEY_FILE": str(tmp_path / "desk"),
        "JEOKGEUK_LOG": "error",
    }.items():
        monkeypatch.setenv(name, value)

    def run(*words: str, typed: str = "") -> str:
        done = CliRunner().invoke(app, words, input=typed)
        assert done.exit_code == 0, done.output + str(done.exception)
        return done.output

    run("keys", "new", str(tmp_path / "ring"), "--desk", str(tmp_path / "desk"))
    before = KeyRing.from_file(tmp_path / "ring", tmp_path / "data", tmp_path / "desk")
    assert "다시 감쌌습니다" in run("keys", "rotate", "--wait", "0")
    after = KeyRing.from_file(tmp_path / "ring", tmp_path / "data", tmp_path / "desk")
    assert after.first != before.first
    assert after.desk_first != before.desk_first
    shares = [line for line in run("keys", "escrow").splitlines() if len(line.split()) > LINES]
    assert len(shares) == 4 * escrow.SHARES
    for number, name in enumerate(("ring", "desk")):
        # newest first: ring keys, then keys of the desk
        pair = shares[number * 6 : number * 6 + 2]
        run("keys", "restore", str(tmp_path / f"{name}.back"), typed="\n".join(pair) + "\n")
    first = (tmp_path / "ring").read_text().splitlines()[0]
    assert (tmp_path / "ring.back").read_text().splitlines() == [first]
    assert (tmp_path / "desk.back").stat().st_mode & 0o777 == 0o600
    assert crypto.KEY_TEXT in first
    monkeypatch.delenv("JEOKGEUK_KEY_FILE")
    monkeypatch.setenv("JEOKGEUK_KEYS", (tmp_path / "ring").read_text())
    refused = CliRunner().invoke(app, ["keys", "rotate", "--wait", "0"])
    assert "맨 앞에 더해" in str(refused.exception)
    run("keys", "new", str(tmp_path / "ring"), "--desk", str(tmp_path / "unused"))
    monkeypatch.setenv("JEOKGEUK_KEYS", (tmp_path / "ring").read_text())
    assert "다시 감쌌습니다" in run("keys", "rotate", "--wait", "0")
