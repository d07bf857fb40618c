"""What storage may answer instead of doing what was asked."""


class StartRefused(Exception):  # noqa: N818 - the start is refused, nothing broke
    """The database, a key or a disk is not as it must be; names what, and why.

    `where` is the setting or file, `key` the thing in it, `reason` a short Korean sentence.
    """

    def __init__(self, where: str, key: str, reason: str) -> None:
        super().__init__(f"{where}: {key}: {reason}")
        self.where = where
        self.key = key
        self.reason = reason


class Busy(Exception):  # noqa: N818
    """The database is away, locked or overloaded: nothing was done, ask again later."""


class Again(Exception):  # noqa: N818
    """Raised by a work that wants `transact` to run it again on fresh rows."""


class Stale(Exception):  # noqa: N818
    """A row has moved on since it was read; not repeated by itself."""


class Repeated(Exception):  # noqa: N818
    """The command was done before, and the caller gave no `again`."""


class BodyConflict(Exception):  # noqa: N818
    """The same command id came with another body (security S3)."""


class Fenced(Exception):  # noqa: N818
    """The lease of this job has gone to somebody else (security S11)."""


class SealError(Exception):
    """A sealed value is not what its place, its owner or its key says."""


class Erased(SealError):  # noqa: N818
    """The data key was destroyed: nobody can open this any more."""


class UnknownKey(SealError):  # noqa: N818
    """A key of the ring is not here; the file may have a new one that was not read yet."""


class Closed(SealError):  # noqa: N818
    """Sealed to the desk: this part holds no key that opens it (security S7)."""


class NotSealed(SealError):  # noqa: N818
    """Plain bytes were about to be written where only sealed ones may stand."""
