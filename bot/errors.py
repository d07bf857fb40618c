"""Exceptions that mean something to a person; everything else is a bug and crashes loudly."""

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


class Conflict(Refused):
    """The same id came with another content (RFC 9457 problem, status 409)."""


class Overloaded(Exception):  # noqa: N818
    """Not now: 503 with Retry-After, in seconds."""

    def __init__(self, retry_after: int = 5) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after
