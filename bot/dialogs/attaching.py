"""Files that come at any time of a dialog: taken to the step that keeps files, or kindly not."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from bot.dialogs.fields import Files
from bot.dialogs.replies import Phrase
from knowledge.korean import clean_line

if TYPE_CHECKING:
    from bot.dialogs.events import Attached, Json
    from bot.dialogs.form import AnyForm, Context

_ENDINGS = frozenset(
    {
        "jpg", "jpeg", "png", "gif", "webp", "heic", "heif", "pdf", "hwp", "hwpx", "docx", "xlsx",
        "txt", "mp4", "mov", "m4a", "mp3",
    }
)  # fmt: skip
_MIMES = frozenset(
    {
        "image/jpeg", "image/png", "application/pdf", "text/plain", "application/x-hwp",
        "application/haansofthwp", "application/vnd.hancom.hwp", "application/hwp+zip",
        "application/vnd.hancom.hwpx", "image/gif", "image/webp", "image/heic", "video/mp4",
        "audio/mp4", "audio/mpeg",
    }
)  # fmt: skip


def files_step(form: AnyForm) -> Files | None:
    """Give the step of a form that keeps files."""
    return next((step for step in form.steps if isinstance(step, Files)), None)


def welcome(file: Attached) -> bool:
    """Tell a file of a kind that can be opened and looked at."""
    if file.kind in {"photo", "voice"}:
        return True
    ending = file.name.rsplit(".", 1)[-1].lower() if "." in file.name else ""
    return file.kind == "document" and (ending in _ENDINGS or (not ending and file.mime in _MIMES))


def problem(file: Attached, have: int, most: int, sent: int, ctx: Context) -> Phrase | None:
    """Say why a file cannot be taken, None if it can; `sent`: bytes taken just before it."""
    if file.kind == "sticker":
        return Phrase("error.sticker")
    if not welcome(file):
        return Phrase("error.file_kind")
    if file.size > ctx.limits.file_bytes:
        sizes = {"size": size_text(file.size), "max": size_text(ctx.limits.file_bytes)}
        return Phrase("error.file_size", sizes)
    if have >= most:
        return Phrase("error.file_many", {"most": most})
    left = ctx.limits.day_bytes
    return Phrase("error.file_budget") if left is not None and sent + file.size > left else None


def take_files(
    form: AnyForm, answers: dict[str, Json], files: tuple[Attached, ...], ctx: Context
) -> list[Phrase]:
    """Put what can be taken into `answers`; say of the rest why not, each reason once."""
    step = files_step(form)
    if step is None:
        return [Phrase("error.no_files")]
    have = answers.get(step.name)
    kept: list[Json] = list(have) if isinstance(have, list) else []
    problems: list[Phrase] = []
    sent = 0
    for file in files:
        why = problem(file, len(kept), step.most, sent, ctx)
        if why is None:
            sent += file.size
            kept.append(asdict(replace(file, name=clean_line(file.name)[:120])))
        elif why not in problems:
            problems.append(why)
    if kept:
        answers[step.name] = kept
    return problems


def size_text(size: int) -> str:
    """Write a size as `12 MB`."""
    return f"{size / 1024 / 1024:.0f} MB" if size >= 1024 * 1024 else f"{size / 1024:.0f} KB"
