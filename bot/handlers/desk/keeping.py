"""A ZIP on its way to whoever asked for it: written to the disk, handed over, removed."""

from pathlib import Path

from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response

from bot.errors import Refused
from bot.handlers.desk.parts import DeskParts
from storage.host import LAST

FOLDER = ".bundles"


def place(parts: DeskParts) -> Path:
    """Give a new file for a bundle; what a crash left there is removed.

    Raises `Refused` desk.disposal.no_room.
    """
    store, svc = parts.store, parts.svc
    if store.blobs.look(store.data_dir).free < LAST:
        raise Refused("desk.disposal.no_room")
    folder = store.data_dir / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    before = svc.now().timestamp() - 86400
    for old in folder.glob("*"):
        if old.stat().st_mtime < before:
            old.unlink(missing_ok=True)
    return folder / f"{svc.random(16).hex()}.zip"


def hand_over(path: Path, name: str) -> Response:
    """Send a file whose name tells nothing, and remove it once it is sent."""
    return FileResponse(
        path,
        media_type="application/zip",
        filename=name,
        headers={"Cache-Control": "no-store"},
        background=BackgroundTask(path.unlink, missing_ok=True),
    )
