"""Every reason not to start, by its name (security S6, S13, S22, S32)."""

import os
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from storage import faults, host, instance
from storage.columns import UTCTime, db_later, from_micros, to_micros
from storage.engine import host_micros, open_engine, parse_url
from storage.errors import StartRefused
from storage.host import HostLock
from storage.migrate import migrate
from storage.models import instance as rows
from storage.store import default_url, open_store
from tests.fakes.clock import MONDAY


def test_an_instance_keeps_the_kind_that_it_was_made_with(database):
    database.open(kind="rehearsal").close()
    database.open(kind="rehearsal").close()
    with pytest.raises(StartRefused, match="데이터베이스는 연습의 것") as refused:
        database.open(kind="service")
    assert refused.value.where == "JEOKGEUK_KIND"


def test_a_rehearsal_does_not_take_the_database_of_a_service(database):
    database.open(kind="service").close()
    with pytest.raises(StartRefused, match="데이터베이스는 운영의 것"):
        database.open(kind="rehearsal")


def test_only_a_rehearsal_has_a_clock_that_moves(database):
    store = database.open(kind="rehearsal")
    store.transact(lambda unit: instance.move_clock(unit.conn, 3600), None)
    assert store.read(lambda unit: instance.clock_offset(unit.conn)) == timedelta(hours=1)
    store.close()


def test_the_clock_of_a_service_stands_where_it_is(store):
    with pytest.raises(StartRefused, match="연습에서만"):
        store.transact(lambda unit: instance.move_clock(unit.conn, 3600), None)


# --- the hold ---


def test_a_fresh_instance_and_its_next_starts_hold_nothing(database):
    for _ in range(3):
        store = database.open()
        assert store.hold == ""
        store.close()


def test_a_database_that_does_not_belong_to_these_files_is_held(database, tmp_path):
    database.open().close()
    (tmp_path / "blobs" / "generation").write_text("another")
    store = database.open()
    assert store.hold == "generation"
    store.close()
    store = database.open()
    assert store.hold == "generation"
    store.close()


@pytest.mark.parametrize("content", [b"", b"ab", b"\xff\xfe\x00"])
def test_half_a_marker_holds_as_another_one_does(database, tmp_path, content):
    database.open().close()
    (tmp_path / "blobs" / "generation").write_bytes(content)
    store = database.open()
    assert store.hold == "generation"
    store.close()


def test_the_marker_lasts_before_the_database_says_that_it_is_there(
    database, tmp_path, monkeypatch
):
    done = []
    real_sync, real_rename = os.fsync, Path.rename

    def note_sync(handle):
        done.append(("sync", Path(f"/proc/self/fd/{handle}").resolve().name))
        real_sync(handle)

    def note_rename(path, target):
        done.append(("rename", target.name))
        return real_rename(path, target)

    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(Path, "rename", note_rename)
    database.open().close()
    folder, (sync, half), *rest = done
    assert sync == "sync"
    assert folder in {("sync", tmp_path.name), ("sync", tmp_path.resolve().name)}
    assert half.startswith(".generation.")
    assert rest == [("rename", "generation"), ("sync", "blobs")]


def test_files_without_a_marker_are_held_and_a_person_may_end_it(database, tmp_path):
    database.open().close()
    (tmp_path / "blobs" / "generation").unlink()
    store = database.open()
    assert store.hold == "generation"
    store.resume()
    assert store.hold == ""
    store.close()
    store = database.open()
    assert store.hold == ""
    store.close()


def test_an_empty_database_beside_old_files_is_held(database, tmp_path):
    (tmp_path / "blobs").mkdir()
    (tmp_path / "blobs" / "generation").write_text("old")
    store = database.open()
    assert store.hold == "generation"
    store.close()


@pytest.mark.parametrize(("days", "hold"), [(6, ""), (8, "absent")])
def test_a_long_absence_is_held_and_a_long_holiday_is_not(database, days, hold):
    store = database.open()
    moved = sa.update(rows).values(last_seen=db_later(-days * 86_400))
    store.transact(lambda unit: unit.conn.execute(moved), None)
    store.close()
    store = database.open()
    assert store.hold == hold
    store.close()


def test_a_rehearsal_may_be_left_alone_for_as_long_as_one_likes(database):
    store = database.open(kind="rehearsal")
    moved = sa.update(rows).values(last_seen=db_later(-100 * 86_400))
    store.transact(lambda unit: unit.conn.execute(moved), None)
    store.close()
    store = database.open(kind="rehearsal")
    assert store.hold == ""
    store.close()


def test_a_living_service_is_seen(store):
    store.transact(lambda unit: unit.conn.execute(sa.update(rows).values(last_seen=MONDAY)), None)
    store.transact(lambda unit: instance.seen(unit.conn), None)
    assert (
        store.read(lambda unit: unit.conn.execute(sa.select(rows.c.last_seen)).scalar_one())
        != MONDAY
    )


# --- addresses ---


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("no address", "데이터베이스 주소가 아닙니다"),
        ("mysql://here/db", "sqlite나 postgresql이어야"),
        ("postgresql+asyncpg://here/db", "sqlite나 postgresql이어야"),
        ("sqlite://", "파일이 있어야"),
        ("sqlite:///:memory:", "파일이 있어야"),
    ],
)
def test_a_wrong_address_is_refused_by_the_setting_not_by_its_value(url, why):
    with pytest.raises(StartRefused, match=why) as refused:
        parse_url(url)
    assert refused.value.where == "DATABASE_URL"
    assert "no address" not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["postgresql://u:p@h/db", "postgres://u:p@h/db", "postgresql+psycopg://u:p@h/db"]
)
def test_every_way_to_write_postgresql_means_the_same(url):
    assert parse_url(url).drivername == "postgresql+psycopg"


def test_without_an_address_the_database_lies_in_the_data(tmp_path):
    assert default_url(tmp_path) == f"sqlite:///{tmp_path}/jeokgeuk.db"


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_database_that_does_not_answer_stops_the_start(database):
    with pytest.raises(StartRefused, match="답하지 않습니다") as refused:
        database.open(url="postgresql://secret:word@127.0.0.1:1/none")
    assert "word" not in str(refused.value)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_database_that_is_not_there_is_named_without_its_password(database):
    url = sa.make_url(database.url).set(database="jt_none", password="geheim")
    with pytest.raises(StartRefused) as refused:
        database.open(url=url.render_as_string(hide_password=False))
    assert refused.value.where == "DATABASE_URL"
    assert refused.value.key.endswith("/jt_none")
    assert "geheim" not in str(refused.value)


def test_a_server_without_its_driver_is_refused_by_the_drivers_name(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StartRefused, match="psycopg: 설치되어 있지 않습니다"):
        open_engine(parse_url("postgresql://u@h/db"))


@pytest.mark.parametrize(
    ("code", "said"),
    [("28P01", "암호"), ("42501", "권한"), ("57014", "느립니다"), ("42P01", None)],
)
def test_only_what_is_wrong_with_the_place_is_said_and_a_bug_stays_a_bug(code, said):
    class FailedError(Exception):
        sqlstate = code

    url = parse_url("postgresql://u:geheim@h/db")
    refused = faults.refusal(sa.exc.ProgrammingError("SELECT", None, FailedError()), url)
    assert (refused is None) == (said is None)
    assert said is None or said in str(refused)


# --- folders and files ---


def test_a_data_folder_that_is_a_file_is_refused_by_its_setting(database, tmp_path):
    (tmp_path / "taken").write_text("mine")
    for folder in (tmp_path / "taken", tmp_path / "taken" / "below"):
        with pytest.raises(StartRefused, match="폴더가 아니라 파일") as refused:
            replace(database, folder=folder).open()
        assert (refused.value.where, refused.value.key) == ("JEOKGEUK_DATA", str(folder))
    assert (tmp_path / "taken").read_text() == "mine"


def test_a_data_folder_that_cannot_be_made_is_refused_by_its_setting(database):
    with pytest.raises(StartRefused, match=r"JEOKGEUK_DATA: .*만들 수 없습니다"):
        replace(database, folder=Path("/proc/none/data")).open()


def test_a_folder_that_cannot_be_written_is_refused_by_its_setting(tmp_path, monkeypatch):
    monkeypatch.setattr(host.os, "access", lambda _path, _mode: False)  # root may write anything
    with pytest.raises(StartRefused, match=r"DATA: .*쓸 수 없는 폴더"):
        host.own_folder(tmp_path, "DATA")


def test_a_database_file_that_cannot_be_one_is_refused_by_its_setting(tmp_path, monkeypatch):
    with pytest.raises(StartRefused, match="none: 그런 폴더가 없습니다"):
        host.own_file(tmp_path / "none" / "x.db", "DATABASE_URL")
    with pytest.raises(StartRefused, match="파일이 아니라 폴더입니다"):
        host.own_file(tmp_path, "DATABASE_URL")
    file = tmp_path / "x.db"
    file.touch()
    host.own_file(file, "DATABASE_URL")
    monkeypatch.setattr(host.os, "access", lambda path, _mode: path != file)
    with pytest.raises(StartRefused, match="읽고 쓸 수 없는 파일"):
        host.own_file(file, "DATABASE_URL")


def _no_database(path: Path) -> None:
    path.write_bytes(b"a photograph, say " * 512)


def _truncated(path: Path) -> None:
    os.truncate(path, 20_000)


def _torn(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 4096 * 6)


@pytest.mark.parametrize("spoil", [_no_database, _truncated, _torn])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_broken_file_is_refused_by_its_path_and_left_as_it_is(database, spoil):
    path = Path(parse_url(database.url).database)
    spoil(path)
    before = path.read_bytes()
    for start in (database.open, lambda: migrate(database.url)):
        with pytest.raises(StartRefused, match="백업에서 되살려") as refused:
            start()
        assert (refused.value.where, refused.value.key) == ("DATABASE_URL", str(path))
    assert path.read_bytes() == before


# --- SQLite and its disk ---


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_sqlite_is_as_durable_and_as_forgetful_as_promised(database):
    def pragmas(store):
        names = (
            "journal_mode",
            "synchronous",
            "secure_delete",
            "foreign_keys",
            "busy_timeout",
            "temp_store",
        )
        return store.read(
            lambda unit: [
                unit.conn.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names
            ]
        )

    given = {"kind": "service", "secrets": database.ring, "data_dir": database.folder, "least": 0}
    for changes, synchronous in (({}, 2), ({"synchronous": "NORMAL"}, 1)):
        store = open_store(database.url, **given, **changes)
        assert pragmas(store) == ["wal", synchronous, 1, 1, 30_000, 2]
        store.close()


def test_a_file_that_cannot_keep_a_wal_is_refused():
    engine = open_engine(sa.make_url("sqlite:///file:nowhere?mode=memory&uri=true"))
    with pytest.raises(StartRefused, match="memory로 답합니다"):
        engine.connect()


MOUNTS = """\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:26 / /srv/share rw - nfs4 server:/x rw
31 22 0:27 / /srv/with\\040blank rw - fuse.sshfs me@there rw
32 22 0:28 / /srv/share/local rw - tmpfs tmpfs rw
33 22 0:29 / /mnt/win rw - cifs //server rw
34 22 0:30 / /mnt/vm rw - 9p host rw
35 22 0:31 / /mnt/fs rw - virtiofs host rw
36 22 0:32 / /mnt/ceph rw - ceph host rw
37 22 0:33 / /mnt/gl rw - fuse.glusterfs host rw
38 22 0:34 / /var/lib/docker rw - overlay overlay rw
a line that is broken
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/data", "ext4"),
        ("/srv/share", "nfs4"),
        ("/srv/share/deep/down", "nfs4"),
        ("/srv/shared", "ext4"),
        ("/srv/share/local/x", "tmpfs"),
        ("/srv/with blank/x", "fuse.sshfs"),
        ("/var/lib/docker/x", "overlay"),
    ],
)
def test_the_file_system_under_a_path_is_the_deepest_mount(path, kind):
    assert host.file_system(Path(path), MOUNTS) == kind


@pytest.mark.parametrize(
    "kind", ["nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "virtiofs", "ceph", "glusterfs"]
)
def test_a_network_file_system_is_refused_by_its_name(tmp_path, kind):
    mounts = f"22 1 254:0 / / rw shared:1 - {kind} x rw"
    with pytest.raises(StartRefused, match="이 컴퓨터의 디스크") as refused:
        host.check_disk(tmp_path, mounts, least=0)
    assert refused.value.key == kind


@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs", "tmpfs", "overlay", "zfs"])
def test_a_local_file_system_is_fine(tmp_path, kind):
    host.check_disk(tmp_path, f"22 1 254:0 / / rw - {kind} x rw", least=0)
    host.check_disk(tmp_path, "", least=0)


def test_a_full_disk_stops_the_start_and_says_how_much_is_free(tmp_path):
    with pytest.raises(StartRefused, match="MiB만 남았습니다"):
        host.check_disk(tmp_path, least=1 << 62)


def test_room_on_the_disk_decides_what_is_still_taken(tmp_path, monkeypatch, store):
    usage = lambda free: lambda _path: type("Usage", (), {"free": free})  # noqa: E731
    for free, room in (
        (2 << 30, "enough"),
        (1 << 30, "enough"),
        ((1 << 30) - 1, "no_files"),
        (300 << 20, "no_files"),
        ((300 << 20) - 1, "no_dialogs"),
    ):
        monkeypatch.setattr(host.shutil, "disk_usage", usage(free))
        assert store.space() == host.Space(free, room)


def test_a_second_host_is_refused_while_the_first_has_it_open(tmp_path):
    path = tmp_path / "jeokgeuk.db.host"
    first, also = HostLock(path, "host one"), HostLock(path, "host one")
    assert not first.alone()
    with pytest.raises(StartRefused, match="다른 컴퓨터"):
        HostLock(path, "host two")
    also.close()
    assert first.alone()
    first.share()
    first.close()
    HostLock(path, "host two").close()


def test_a_host_has_a_name():
    assert host.boot_id()


# --- times ---


def test_times_have_a_zone_or_are_refused():
    with pytest.raises(ValueError, match="without a zone"):
        to_micros(MONDAY.replace(tzinfo=None))
    assert from_micros(to_micros(MONDAY)) == MONDAY
    assert UTCTime().process_bind_param(None, None) is None
    assert abs(host_micros() - to_micros(MONDAY)) > 0


def test_a_moment_comes_back_to_the_microsecond_in_utc(store):
    at = MONDAY.replace(microsecond=123_456).astimezone(tz=ZoneInfo("Asia/Seoul"))
    store.transact(lambda unit: unit.conn.execute(sa.update(rows).values(last_seen=at)), None)
    back = store.read(lambda unit: unit.conn.execute(sa.select(rows.c.last_seen)).scalar_one())
    assert back == at
    assert back.utcoffset() == timedelta(0)
