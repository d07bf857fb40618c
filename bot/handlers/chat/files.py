"""Forms and files that were sent: counted while they are read, never written to a disk here."""

import hashlib
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from bot.handlers.chat.guard import WebLimits, declared, read_body
from bot.handlers.chat.problems import Trouble

FIELDS = 100


@dataclass(frozen=True, slots=True)
class Upload:
    """One file: the field it came in, its name there, its content."""

    field: str
    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Sent:
    """A form as it was sent: its plain fields in order, and its files."""

    pairs: tuple[tuple[str, str], ...]
    files: tuple[Upload, ...] = ()

    def get(self, name: str, default: str = "") -> str:
        """Give the last value of a field."""
        return next((value for key, value in reversed(self.pairs) if key == name), default)

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(value for key, value in self.pairs if key == name)

    def digest(self) -> bytes:
        """Give what a repeat of this form must equal."""
        mark = hashlib.sha256()
        for name, value in sorted(self.pairs):
            mark.update(f"{name}={value}\0".encode())
        for file in self.files:
            mark.update(hashlib.sha256(file.data).digest())
        return mark.digest()


async def read_form(request: Request, limits: WebLimits) -> Sent:
    """Read a form of one of our pages; raises `Trouble` type, too_large, malformed."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return await read(request, limits)
    if kind != "application/x-www-form-urlencoded":
        raise Trouble("type")
    body = await read_body(request.scope, request.receive, limits.json_bytes)
    if body is None:
        raise Trouble("too_large")
    try:
        pairs = parse_qsl(
            body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=FIELDS
        )
    except ValueError as broken:
        raise Trouble("malformed") from broken
    return Sent(_letters(pairs))


async def read(request: Request, limits: WebLimits) -> Sent:
    """Read a multipart body; raises `Trouble` type, too_large, too_many_files, malformed."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise Trouble("type")
    if declared(request.scope) > limits.upload_bytes:
        raise Trouble("too_large")
    parser = MultiPartParser(
        request.headers,
        _capped(request, limits.upload_bytes),
        max_files=limits.files + 1,
        max_fields=FIELDS,
        max_part_size=limits.json_bytes,
    )
    # Evidence stays out of the temporary folder, where nothing seals it.
    parser.spool_max_size = limits.upload_bytes
    try:
        form = await parser.parse()
    except MultiPartException as broken:
        code = "too_many_files" if "Too many files" in broken.message else "malformed"
        raise Trouble(code) from broken
    except ClientDisconnect as gone:
        raise Trouble("malformed") from gone
    pairs: list[tuple[str, str]] = []
    files: list[Upload] = []
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            files.append(Upload(name, value.filename or "", await value.read()))
        else:
            pairs.append((name, value))
    await form.close()
    # A browser sends an empty part without a name for a field in which nothing was chosen.
    files = [file for file in files if file.name or file.data]
    if len(files) > limits.files:
        raise Trouble("too_many_files")
    _letters([(file.field, file.name) for file in files])
    return Sent(_letters(pairs), tuple(files))


def _letters(pairs: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Refuse what no keyboard makes and no database keeps: half a letter, a NUL."""
    for pair in pairs:
        said = "".join(pair)
        if "\0" in said or any("\ud800" <= sign <= "\udfff" for sign in said):
            raise Trouble("malformed")
    return tuple(pairs)


async def _capped(request: Request, most: int) -> AsyncGenerator[bytes, None]:
    read_so_far = 0
    async for chunk in request.stream():
        read_so_far += len(chunk)
        if read_so_far > most:
            raise Trouble("too_large")
        yield chunk
