"""What a client of the API sends, checked to the letter before anything is done with it."""

import json
import math
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    model_validator,
)

from bot.dialogs.events import Answer, Command, Event, Press, Submit

DEEP = 2
"""An answer is a word, a list of words or of small objects; nothing of ours nests deeper."""

Id = Annotated[
    str,
    Field(
        min_length=1, max_length=64, pattern=r"^[\x21-\x7e]+$",
        description="이 말의 번호. 보내는 쪽이 정하고, 다시 보낼 때는 같은 번호를 씁니다.",
    ),
]  # fmt: skip


def _whole(value: Any) -> Any:
    """Take 3.0 for 3: in JSON they are one number."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Turn = Annotated[int, Field(ge=0, le=2**31 - 1), BeforeValidator(_whole)]
Index = Annotated[int, Field(ge=0, le=999), BeforeValidator(_whole)]
Lang = Literal["ko", "en"]


def _letters(text: str) -> str:
    """Refuse half of a surrogate pair: it is no letter and cannot be stored."""
    text.encode("utf-8")
    return text


def _shallow(value: Any, depth: int = 0) -> Any:
    """Refuse what no step of ours could mean."""
    if depth > DEEP:
        raise ValueError("too deep")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("not a number")
    if isinstance(value, str):
        _letters(value)
    for key in value if isinstance(value, dict) else ():
        _letters(key)
        _shallow(value[key], depth + 1)
    for part in value if isinstance(value, list) else ():
        _shallow(part, depth + 1)
    return value


def _any(depth: int = 0) -> dict[str, Any]:
    """Describe what `_shallow` lets in."""
    kinds: list[dict[str, Any]] = [{"type": ["string", "number", "boolean", "null"]}]
    if depth < DEEP:
        inner = _any(depth + 1)
        kinds += [{"type": "array", "items": inner}]
        kinds += [{"type": "object", "additionalProperties": inner}]
    return {"anyOf": kinds}


Given = Annotated[Any, AfterValidator(_shallow), WithJsonSchema(_any())]
Letters = Annotated[str, AfterValidator(_letters)]
Named = Annotated[
    str,
    Field(
        max_length=400, pattern=r"^/?[a-z][a-z0-9_]{0,39}( [^\x00]*)?$",
        description="명령과, 있으면 빈칸 뒤에 신고 번호 등",
    ),
    AfterValidator(_letters),
]  # fmt: skip


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class PressIn(_Strict):
    """A press of something that was offered at `turn`."""

    turn: Turn
    index: Index


class SubmitIn(_Strict):
    """All fields of a page at once, by the name of their step."""

    turn: Turn
    answers: Annotated[dict[Annotated[str, Field(max_length=64)], Given], Field(max_length=64)]


class Call(_Strict):
    """One thing that a citizen does: exactly one of text, command, press, submit."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"required": [name], "properties": {name: {"not": {"type": "null"}}}}
                for name in ("text", "command", "press", "submit")
            ]
        }
    )

    id: Id
    lang: Lang = "ko"
    text: Letters | None = None
    command: Named | None = None
    press: PressIn | None = None
    submit: SubmitIn | None = None
    pages: Annotated[
        bool, Field(description='여러 물음을 한 화면으로 받습니다("kind": "page").')
    ] = False

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = (self.text, self.command, self.press, self.submit)
        if sum(part is not None for part in given) != 1:
            raise ValueError("exactly one of text, command, press, submit")
        return self

    def event(self) -> Event:
        """Give what was done, as the dialog hears it."""
        if self.text is not None:
            return Answer(self.text)
        if self.command is not None:
            name, _, arg = self.command.removeprefix("/").partition(" ")
            return Command(name, arg.strip())
        if self.press is not None:
            return Press(self.press.turn, self.press.index)
        assert self.submit is not None
        return Submit(self.submit.turn, self.submit.answers)

    def body(self) -> bytes:
        """Give what a repeat under the same id must equal; the language may have changed."""
        said = self.model_dump(mode="json", exclude={"id", "lang", "pages"}, exclude_none=True)
        return json.dumps(said, ensure_ascii=False, sort_keys=True).encode()
