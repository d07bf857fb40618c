"""Exceptions that mean something to a person; everything else is a bug and crashes loudly."""

import errno
import re
from collections.abc import Mapping  # noqa: TC003 - pydantic and people read it at run time


class Refused(Exception):  # noqa: N818 - it is an answer, not an accident
    """What was asked cannot be done; `key` is the sentence that a user may read."""

    def __init__(self, key: str, **params: str | int) -> None:
        super().__init__(key)
        self.key = key
        self.params: Mapping[str, str | int] = params


class BadStart(SystemExit):
    """A setting or a data file is wrong: names file, key and reason, and stops the start."""

    def __init__(self, where: str, key: str, reason: str) -> None:
        super().__init__(f"{where}: {key}: {reason}")


UNUSABLE = {
    errno.EACCES: "읽거나 쓸 권한이 없습니다",
    errno.EPERM: "읽거나 쓸 권한이 없습니다",
    errno.EROFS: "읽기만 되는 디스크입니다",
    errno.ENOENT: "그런 폴더나 파일이 없습니다",
    errno.EEXIST: "폴더가 아니라 파일입니다",
    errno.ENOTDIR: "폴더가 아닙니다",
    errno.EISDIR: "파일이 아니라 폴더입니다",
    errno.ENOSPC: "디스크에 자리가 없습니다",
}
"""Why a file or folder that somebody named cannot be used; anything else is a bug of ours."""


def unreadable(error: OSError) -> str:
    """Say why a file that a person named cannot be read."""
    return UNUSABLE.get(error.errno or 0, "읽을 수 없습니다")


def no_toml(error: BaseException | None) -> str:
    """Say where a TOML file goes wrong; Python's own words are English."""
    if isinstance(error, UnicodeDecodeError):
        return "UTF-8로 저장한 글이 아닙니다"
    at = re.search(r"line (\d+), column (\d+)", str(error))
    place = f"{at[1]}행 {at[2]}칸" if at else "파일 끝"
    twice = "Cannot" in str(error)
    return f"{'같은 이름을 두 번 적었습니다' if twice else 'TOML 문법에 맞지 않습니다'}({place})"


class Conflict(Refused):
    """The same id came with another content (RFC 9457 problem, status 409)."""


class Overloaded(Exception):  # noqa: N818
    """Not now: 503 with Retry-After, in seconds.

    `crowd`: too many newcomers; whoever lets his machine work for it may come now (S34).
    """

    def __init__(self, retry_after: int = 5, *, crowd: bool = False) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after
        self.crowd = crowd
