"""What was typed wrongly, or what the machine would not give: one sentence, no traceback."""

import errno
import re
import socket
from typing import Any

import typer

from bot.errors import BadStart
from storage.errors import StartRefused

REASONS = {
    errno.EACCES: "쓸 권한이 없습니다",
    errno.EPERM: "쓸 권한이 없습니다",
    errno.EROFS: "쓸 권한이 없습니다",
    errno.ENOENT: "그런 폴더나 파일이 없습니다",
    errno.ENOTDIR: "폴더가 아닙니다",
    errno.EISDIR: "파일이 아니라 폴더입니다",
    errno.ENOSPC: "디스크에 자리가 없습니다",
}
"""Why a file or folder that somebody named cannot be used; anything else is a bug of ours."""


def run(app: typer.Typer) -> int:
    """Run a command; gives what the process ends with."""
    try:
        return int(app(standalone_mode=False, prog_name="jeokgeuk") or 0)
    except typer.Abort:
        return 1
    except StartRefused as refused:
        typer.echo(str(refused), err=True)
        return 1
    except OSError as error:
        if error.filename is None or error.errno not in REASONS:
            raise
        typer.echo(f"{error.filename}: {REASONS[error.errno]}", err=True)
        return 1
    except Exception as wrong:
        if not hasattr(wrong, "format_message"):
            raise
        typer.echo(usage(wrong), err=True)
        return 2


def usage(wrong: Any) -> str:
    """Say what was typed wrongly; typer's own words are English."""
    kind, said = type(wrong).__name__, str(wrong.message or "")
    if kind == "NoArgsIsHelpError":
        return said
    which = _which(wrong) or (re.findall(r"['(]([^')]+)[')]", said) or [""])[-1]
    reason = {
        "MissingParameter": "값이 없습니다",
        "BadOptionUsage": "값이 없습니다",
        "NoSuchOption": "그런 선택은 없습니다",
        "BadParameter": said if _ours(said) else "맞지 않는 값입니다",
    }.get(kind, "그런 명령은 없습니다" if said.startswith("No such") else "남는 말입니다")
    path = wrong.ctx.command_path if wrong.ctx else "jeokgeuk"
    return f"{which}: {reason}\n도움말: {path} --help" if which else reason


def _which(wrong: Any) -> str:
    param = getattr(wrong, "param", None)
    if param is None:
        return str(getattr(wrong, "option_name", "") or "")
    return str(param.opts[-1] if param.param_type_name == "option" else param.name.upper())


def _ours(said: str) -> bool:
    return re.search("[가-힣]", said) is not None


def refuse_taken(where: str, host: str, port: int) -> None:
    """Stop before anything is begun where nobody can listen; raises `BadStart`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError:
        reason = "여기서 들을 수 없습니다. 다른 프로그램이 쓰는 포트이거나 없는 주소입니다"
        raise BadStart(where, f"{host}:{port}", reason) from None
