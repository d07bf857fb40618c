"""The API's own description of itself: what a stranger needs who has nothing but OpenAPI."""

from typing import Any, NotRequired

from fastapi import FastAPI
from pydantic import TypeAdapter
from typing_extensions import TypedDict

from bot.handlers.chat.calls import Id
from bot.handlers.chat.guard import WebLimits
from bot.handlers.chat.problems import STATUS

ABOUT = """\
시민의 대화를 다른 화면과 프로그램에서도 이어 갈 수 있게 하는 창구입니다.

* **대화**: `POST /chat`을 대화 없이 부르면 새 대화가 생기고 `conversation`이 한 번 옵니다. 그다음부터는
  `Authorization: Bearer <conversation>`이나 쿠키로 보냅니다. 이것이 하나뿐인 열쇠이니 잘 지켜 주세요.
* **번호**: 한 마디마다 새 `id`를 정합니다. 답을 못 받았으면 같은 `id`와 같은 내용으로 다시 보냅니다.
  한 번만 처리되고 같은 답이 옵니다(확인 코드는 다시 오지 않습니다). 내용이 다르면 409입니다.
* **답**: 누를 수 있는 것은 모두 `options`에 있고, 그 `press`를 그대로 돌려보냅니다. `press`가 없으면
  `command`를 보내고, 화면(`page`)의 칸에서는 `value`를 `submit.answers`에 넣습니다. 잘못 적은 답은
  200이고 `error`에 까닭이 있습니다.
* **명령**: 절차를 여는 명령은 `start`의 `options`에 있습니다(`report`). 그 밖에 `my`(낸 것 보기), `resume`(열려 있는 물음을 쓰던 글과 함께 다시 보기), `start`, `help`,
  `switch`(쓰던 것을 두고 다른 서식으로, 없이 보내면 앞의 것으로 돌아가기), `ordinary`(담당 부서에 낼 글), `human`, `back`, `skip`, `later`, `stop`.
* **사례**: 공개한 사례는 `GET /cases`(좁히기, 쪽), `POST /cases/search`(찾기), `GET /cases/{ref}`로 봅니다. 대화도
  열쇠도 필요 없습니다. 찾을 말은 주소가 아니라 본문으로 보냅니다. 대화 안에서는 명령 `cases <찾을 말>`입니다.
* **소식**: `kind`가 `news`인 답은 제목이 `text`, 나머지가 `news`에 있습니다. 그림은 이 누리집의 주소(`src`)와 못 보는
  분이 읽을 말(`alt`)입니다. 명령은 `news`(받기, 고르기)와 `news_stop`(그만 받기)입니다.
* **문제**: RFC 9457(`application/problem+json`)입니다. `code`로 구분하고, 429와 503에는 `Retry-After`가
  있습니다.
"""

COOKIES = ("__Host-chat", "chat")
"""Of a service, and of a rehearsal on plain HTTP."""

_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_WAIT = {
    "Retry-After": {"description": "이만큼 뒤에 다시(초)", "schema": {"type": "integer"}}
}  # fmt: skip


class Wrong(TypedDict):
    """Where a call does not fit (`press.turn`) and how; never what was sent there."""

    at: str
    kind: str


class Problem(TypedDict):
    """RFC 9457. `code` is ours and stays; `detail` is for people and may change."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: NotRequired[list[Wrong]]


class Described(FastAPI):
    """FastAPI whose document tells our problems, and how a conversation is shown."""

    def openapi(self) -> dict[str, Any]:
        """Give the document; made once."""
        if self.openapi_schema is None:
            schema = super().openapi()
            parts = schema["components"]
            problem = TypeAdapter(Problem).json_schema(ref_template="#/components/schemas/{model}")
            parts["schemas"] |= problem.pop("$defs") | {"Problem": problem}
            parts["securitySchemes"] = {
                "bearer": {"type": "http", "scheme": "bearer", "description": "`conversation`"},
                **{name: {"type": "apiKey", "in": "cookie", "name": name} for name in COOKIES},
            }
        return schema if self.openapi_schema is None else self.openapi_schema


def shown(*, needed: bool = True) -> dict[str, Any]:
    """Say that a call shows its conversation; not `needed` where it may begin a new one."""
    ways: list[dict[str, list[str]]] = [{name: []} for name in ("bearer", *COOKIES)]
    return {"security": ways if needed else [{}, *ways]}


def documented(*codes: str) -> dict[int | str, dict[str, Any]]:
    """Describe the problems that a call may answer with; any other is `default`."""
    by: dict[int | str, list[str]] = {}
    for code in codes:
        by.setdefault(STATUS[code], []).append(code)
    told: dict[int | str, dict[str, Any]] = {
        status: {
            "description": ", ".join(f"`{code}`" for code in names),
            "content": _PROBLEM,
            **({"headers": _WAIT} if status in (429, 503) else {}),
        }
        for status, names in by.items()
    }
    return told | {"default": {"description": "`broken` 등", "content": _PROBLEM}}


def multipart(limits: WebLimits, languages: tuple[str, ...]) -> dict[str, Any]:
    """Describe the body of a call that brings files."""
    properties = {
        "id": TypeAdapter(Id).json_schema(),
        "lang": {"type": "string", "enum": list(languages), "default": "ko"},
        "text": {"type": "string", "description": "파일과 함께 하는 말"},
        "pages": {"type": "string", "enum": ["true", "false"], "default": "false"},
        "files": {
            "type": "array",
            "items": {"type": "string", "format": "binary"},
            "minItems": 1,
            "maxItems": limits.files,
            "description": f"하나에 {limits.file_bytes // 2**20}MB까지",
        },
    }
    body = {"type": "object", "required": ["id", "files"], "properties": properties}
    return {
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": body}}}
    }
