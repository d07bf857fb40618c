"""What went wrong with a call, as RFC 9457 problems; the sentences stand in the locale files."""

from collections.abc import Callable, Mapping

from starlette.responses import JSONResponse

from bot.dialogs.replies import Phrase, Words

STATUS: Mapping[str, int] = {
    "malformed": 422,
    "not_json": 400,
    "type": 415,
    "unknown": 401,
    "foreign": 403,
    "conflict": 409,
    "too_large": 413,
    "too_many": 429,
    "too_many_files": 422,
    "overloaded": 503,
    "crowded": 503,
    "missing": 404,
    "gone": 410,
    "method": 405,
    "broken": 500,
}


class Trouble(Exception):  # noqa: N818 - an answer, not an accident
    """A call that gets a problem instead of replies; `code` is a key of `STATUS`."""

    def __init__(
        self, code: str, retry_after: int | None = None, more: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after = retry_after
        self.more = more or {}


def problem(trouble: Trouble, say: Callable[[Words], str]) -> JSONResponse:
    """Give the answer; `detail` is a sentence that a citizen may read."""
    status = STATUS[trouble.code]
    headers = {} if trouble.retry_after is None else {"retry-after": str(trouble.retry_after)}
    return JSONResponse(
        {
            "type": f"/problems/{trouble.code}",
            "title": say(Phrase(f"web.problem.{trouble.code}.title")),
            "status": status,
            "detail": say(Phrase(f"web.problem.{trouble.code}.detail")),
            "code": trouble.code,
            **trouble.more,
        },
        status,
        headers,
        "application/problem+json",
    )
