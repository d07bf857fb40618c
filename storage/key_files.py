"""Files of keys: made, read, and refused where others could read them (security S6)."""

import os
from collections.abc import Callable
from pathlib import Path

from storage import files
from storage.errors import StartRefused

WHERE_FROM = "쓰던 열쇠를 되살려 주세요(처음이면 jeokgeuk keys new)"
SETTING = "JEOKGEUK_KEY_FILE"


def add(path: Path, line: str, random: Callable[[int], bytes] = os.urandom) -> None:
    """Put a key at the head of a key file, which is made at need; readable by its owner only.

    The file is replaced whole, so no crash leaves half of it.
    """
    older = path.read_text(encoding="ascii") if path.exists() else ""
    files.keep(path, f"{line}\n{older}".encode("ascii"), random)


def read_keys(path: Path, data_dir: Path, setting: str = SETTING) -> str:
    """Read a key file; it must be readable by its owner only and lie outside the data.

    A key inside the data directory would travel with every copy of it (security S6).
    """
    if path.resolve().is_relative_to(data_dir.resolve()):
        raise StartRefused(
            path.name, "place", "열쇠가 자료 폴더 안에 있습니다. 밖으로 옮겨 주세요"
        )
    try:
        if path.is_file() and files.others_read(path.stat(), os.geteuid()):
            raise StartRefused(path.name, "mode", "다른 사람도 읽을 수 있습니다(chmod 600)")
        return path.read_text(encoding="ascii", errors="replace")
    except FileNotFoundError as error:
        reason = f"파일이 없습니다. {setting}을 봐 주세요. {WHERE_FROM}"
        raise StartRefused(path.name, "file", reason) from error
    except OSError as error:
        reason = f"읽을 수 없습니다. {setting}이 파일인지, 이 계정이 읽을 수 있는지 봐 주세요"
        raise StartRefused(path.name, "file", reason) from error
