"""Opening the database: with which keys, and as which part."""

from collections.abc import Collection
from typing import Any

from bot.errors import BadStart
from bot.roads import plain
from bot.settings import Settings
from storage import provider
from storage.crypto import DESK_SETTING, KeyRing
from storage.errors import StartRefused
from storage.instance import Part
from storage.key_files import read_keys
from storage.store import Store, open_store


def part_of(parts: Collection[str]) -> Part:
    """Name the part that a process is: the desk and `work` read who reported, the public never."""
    match frozenset(parts):
        case chosen if chosen <= {"public", "hooks"}:
            return "public"
        case chosen if chosen == {"desk"}:
            return "desk"
        case chosen if chosen == {"work"}:
            return "work"
    return "all"


def read_ring(settings: Settings) -> KeyRing:
    """Read the keys from their files, or from the environment; raises StartRefused."""
    providers = provider.load(settings.jeokgeuk_crypto)
    desk = settings.jeokgeuk_desk_key_file
    if settings.jeokgeuk_key_file is not None:
        return KeyRing.from_file(settings.jeokgeuk_key_file, settings.data, desk, providers)
    own = None if desk is None else read_keys(desk, settings.data, DESK_SETTING)
    text = plain(settings.jeokgeuk_keys) or ""
    return KeyRing.from_text("JEOKGEUK_KEYS", text, providers, own)


def opened(settings: Settings, part: Part, **opening: Any) -> Store:
    """Open the database with its keys; raises BadStart naming what is wrong."""
    try:
        return open_store(
            settings.database,
            kind=settings.kind,
            secrets=read_ring(settings),
            data_dir=settings.data,
            part=part,
            pool=settings.jeokgeuk_pool,
            replica_url=plain(settings.database_replica_url) or "",
            reload=lambda: read_ring(settings),
            erasures_copy=settings.jeokgeuk_erasures_copy,
            **opening,
        )
    except StartRefused as refused:
        raise BadStart(refused.where, refused.key, refused.reason) from None
