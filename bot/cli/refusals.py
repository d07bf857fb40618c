"""What was typed wrongly, or what the machine would not give: one sentence, no traceback."""

import re
import socket
from typing import Any

import sqlalchemy as sa
import typer
from pydantic import ValidationError

from bot.errors import UNUSABLE, BadStart
from bot.settings_values import first_mistake
from storage import faults
from storage.errors import Busy, StartRefused


def run(app: typer.Typer) -> int:
    """Run a command; gives what the process ends with."""
    try:
        return int(app(standalone_mode=False, prog_name="jeokgeuk") or 0)
    except typer.Abort:
        return 1
    except Exception as wrong:
        typed = hasattr(wrong, "format_message")
        said = usage(wrong) if typed else sentence(wrong)
        if not said:
            raise
        typer.echo(said, err=True)
        return 2 if typed else 1


def sentence(wrong: Exception) -> str:
    """Say what the machine would not give; nothing for a bug, which stays loud."""
    match wrong:
        case StartRefused():
            return str(wrong)
        case Busy():
            return "데이터베이스가 바쁘거나 답하지 않습니다. 잠시 뒤에 다시 해 주세요."
        case sa.exc.DBAPIError():
            return str(faults.refusal(wrong) or "")
        case OSError() if wrong.filename is not None and wrong.errno in UNUSABLE:
            return f"{wrong.filename}: {UNUSABLE[wrong.errno]}"
    return ""


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
        "BadParameter": said if _ours(said) else _value(wrong),
    }.get(kind, "그런 명령은 없습니다" if said.startswith("No such") else "남는 말입니다")
    path = wrong.ctx.command_path if wrong.ctx else "jeokgeuk"
    return f"{which}: {reason}\n도움말: {path} --help" if which else reason


def _which(wrong: Any) -> str:
    param = getattr(wrong, "param", None)
    if param is None:
        return str(getattr(wrong, "option_name", "") or "")
    return str(param.opts[-1] if param.param_type_name == "option" else param.name.upper())


def _value(wrong: Any) -> str:
    """Say in our words why pydantic, with which typer reads values, took one for wrong."""
    cause = wrong.__cause__
    return first_mistake(cause)[1] if isinstance(cause, ValidationError) else "맞지 않는 값입니다"


def _ours(said: str) -> bool:
    return re.search("[가-힣]", said) is not None


def refuse_taken(where: str, host: str, port: int) -> None:
    """Stop before anything is begun where nobody can listen; raises `BadStart`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError:
        reason = (
            "여기서 들을 수 없습니다. 다른 프로그램이 쓰는 포트이거나 없는 주소이니 "
            "그것을 멈추거나 다른 포트를 적어 주세요"
        )
        raise BadStart(where, f"{host}:{port}", reason) from None
