"""An archive: members one after another, encrypted to a public key while it is written (S36).

A tar stream inside the age format (age-encryption.org/v1): the private half is on no host of the
service, a cut or changed archive does not open, and nothing is ever held whole in memory.
"""

import contextlib
import io
import os
import tarfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import pyrage

from storage import files
from storage.crypto import Random
from storage.errors import StartRefused

BROKEN = "이 개인 열쇠로 열리지 않거나, 잘렸거나 바뀐 파일입니다"


class Writer:
    """Takes the members of an archive."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar

    def put(self, name: str, content: bytes) -> None:
        """Add a member from memory."""
        self._add(name, io.BytesIO(content), len(content))

    def file(self, name: str, path: Path) -> None:
        """Add a file as it is now."""
        with path.open("rb") as content:
            self._add(name, content, os.fstat(content.fileno()).st_size)

    def _add(self, name: str, content: IO[bytes], size: int) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode = size, 0o600
        self._tar.addfile(member, content)


def recipient(text: str) -> pyrage.x25519.Recipient:
    """Read a public key (`age1…`); raises StartRefused."""
    try:
        return pyrage.x25519.Recipient.from_str(text.strip())
    except (pyrage.RecipientError, ValueError) as error:
        reason = "age 공개 열쇠(age1…)가 아닙니다. jeokgeuk backup-key가 알려 준 것을 적어 주세요"
        raise StartRefused("JEOKGEUK_BACKUP_KEY", "key", reason) from error


def identity(path: Path) -> pyrage.x25519.Identity:
    """Read a private key as age-keygen writes it; raises StartRefused, OSError."""
    for line in path.read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("AGE-SECRET-KEY-"):
            with contextlib.suppress(pyrage.IdentityError, ValueError):
                return pyrage.x25519.Identity.from_str(line.strip())
    raise StartRefused(
        path.name, "identity", "age 개인 열쇠(AGE-SECRET-KEY-…)가 들어 있지 않습니다"
    )


def new_identity(path: Path, random: Random = os.urandom) -> str:
    """Make a pair, write the private half to `path` (0600), give the public one.

    Raises FileExistsError: a key that is there is never written over.
    """
    made = pyrage.x25519.Identity.generate()
    if path.exists():
        raise FileExistsError(17, "there is one", str(path))
    text = f"# public key: {made.to_public()}\n{made}\n"
    files.keep(path, text.encode("ascii"), random)
    return str(made.to_public())


def write(path: Path, key: pyrage.x25519.Recipient, fill: Callable[[Writer], None]) -> None:
    """Write an archive under its name once it is whole; whatever goes wrong leaves none."""
    half = path.with_name(f".{path.name}.part")
    handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as out:
            _through(fill, lambda source: pyrage.encrypt_io(source, out, [key]))
            out.flush()
            os.fsync(out.fileno())
        half.rename(path)
    except BaseException:
        half.unlink(missing_ok=True)
        raise
    files.sync_folder(path.parent)


def _through(fill: Callable[[Writer], None], drain: Callable[[IO[bytes]], None]) -> None:
    """Let one side write what the other reads, a pipe's worth at a time."""
    reader, writer = os.pipe()
    wrong: list[BaseException] = []

    def work() -> None:
        try:
            with os.fdopen(writer, "wb") as sink, tarfile.open(fileobj=sink, mode="w|") as tar:
                fill(Writer(tar))
        except BaseException as error:  # noqa: BLE001 - raised below, in the caller's thread
            wrong.append(error)

    other = threading.Thread(target=work, name="archive")
    with os.fdopen(reader, "rb") as source:
        other.start()
        try:
            drain(source)
        except BaseException as error:  # noqa: BLE001
            wrong.append(error)
    other.join()  # the pipe is closed: whoever still writes has heard it
    if wrong:
        raise next((one for one in wrong if not isinstance(one, BrokenPipeError)), wrong[0])


Member = tuple[str, IO[bytes]]


@contextlib.contextmanager
def members(path: Path, key: pyrage.x25519.Identity) -> Iterator[Iterator[Member]]:
    """Open an archive: its members in order, each read before the next is asked for.

    Raises StartRefused when it does not open, also in the middle.
    """
    reader, writer = os.pipe()
    wrong: list[BaseException] = []

    def work() -> None:
        try:
            with path.open("rb") as source, os.fdopen(writer, "wb") as sink:
                pyrage.decrypt_io(source, sink, [key])
        except BaseException as error:  # noqa: BLE001 - looked at below
            wrong.append(error)

    other = threading.Thread(target=work, name="archive")
    other.start()
    try:
        with os.fdopen(reader, "rb") as stream:
            yield _walk(stream)
            while stream.read(1 << 16):  # to the end: a cut archive shows only there
                pass
    except tarfile.TarError as error:
        raise StartRefused(path.name, "archive", BROKEN) from error
    finally:
        other.join()
    if wrong:
        raise StartRefused(path.name, "archive", BROKEN) from wrong[0]


def _walk(stream: Any) -> Iterator[Member]:
    with tarfile.open(fileobj=stream, mode="r|") as tar:
        for member in tar:
            content = tar.extractfile(member)
            if content is not None:
                yield member.name, content
