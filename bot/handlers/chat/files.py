"""Files that come with a message: counted while they are read, never written to a disk here."""

import hashlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from bot.handlers.chat.guard import WebLimits, declared
from bot.handlers.chat.problems import Trouble


@dataclass(frozen=True, slots=True)
class Sent:
    """A multipart call: its plain fields, and its files as (name, content)."""

    fields: dict[str, str]
    files: tuple[tuple[str, bytes], ...]

    def digest(self) -> bytes:
        """Give what a repeat of this call must equal."""
        mark = hashlib.sha256()
        for name, value in sorted(self.fields.items()):
            mark.update(f"{name}={value}\0".encode())
        for _, data in self.files:
            mark.update(hashlib.sha256(data).digest())
        return mark.digest()


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
        max_fields=10,
        max_part_size=64 * 1024,
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
    fields: dict[str, str] = {}
    files: list[tuple[str, bytes]] = []
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            files.append((value.filename or "", await value.read()))
        else:
            fields[name] = value
    await form.close()
    # A browser sends an empty part without a name for a field in which nothing was chosen.
    files = [(name, data) for name, data in files if name or data]
    if len(files) > limits.files:
        raise Trouble("too_many_files")
    return Sent(fields, tuple(files))


async def _capped(request: Request, most: int) -> AsyncGenerator[bytes, None]:
    read_so_far = 0
    async for chunk in request.stream():
        read_so_far += len(chunk)
        if read_so_far > most:
            raise Trouble("too_large")
        yield chunk
