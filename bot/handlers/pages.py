"""What every page of ours has in common: headers, templates, our own static files."""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import MutableHeaders
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HERE = Path(__file__).resolve().parent
STATIC = _HERE / "static"
TEMPLATES = _HERE / "templates"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-src {frames}; "
    "frame-ancestors {ancestors}"
)
_ALWAYS = {
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
}


def policy(*, framed: bool = False) -> str:
    """Give the content policy; `framed` lets a page of the same origin show ours (rehearsal)."""
    own = "'self'" if framed else "'none'"
    return _POLICY.format(frames=own, ancestors=own)


class SecureHeaders:
    """Put the headers on every answer that does not bring its own.

    Nothing of ours may be kept by a cache (a shared PC in a library), be framed, or run what
    is not our own file: a citizen's sentence is never markup, and this is the second wall.
    """

    def __init__(self, app: ASGIApp, *, framed: bool = False, https: bool = False) -> None:
        self.app = app
        self.headers: Mapping[str, str] = {
            **_ALWAYS,
            "content-security-policy": policy(framed=framed),
            "cache-control": "no-store",
            **({"strict-transport-security": "max-age=31536000"} if https else {}),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, with_headers)


class _Static(StaticFiles):
    """Our files. Fonts never change under their name; the rest asks each time whether it has."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        answer = super().file_response(*args, **kwargs)
        kept = str(args[0]).endswith(".woff2")
        answer.headers["cache-control"] = (
            "public, max-age=31536000, immutable" if kept else "public, no-cache"
        )
        return answer


def static(path: str = "/static") -> Mount:
    """Mount the style sheets, scripts and fonts."""
    return Mount(path, _Static(directory=STATIC), name="static")


class Pages:
    """Templates. Everything is escaped; a name that nobody passed in is an error, not a gap."""

    def __init__(self, folders: Iterable[str]) -> None:
        self._templates = _environment(tuple(folders))

    def render(self, name: str, values: Mapping[str, Any], status: int = 200) -> HTMLResponse:
        """Give a page."""
        return HTMLResponse(self._templates.get_template(name).render(values), status)


@cache
def _environment(folders: tuple[str, ...]) -> Environment:
    """Give what compiles the templates of some folders: once in a process, whoever shows them."""
    return Environment(
        loader=FileSystemLoader([TEMPLATES / folder for folder in folders]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def origins(url: str, host: str, *, here: bool) -> frozenset[str]:
    """Give the origins that may use our cookies: that of `url`, our public address.

    `here`: a rehearsal answers under every name of this machine; `host` is the Host header.
    """
    parts = urlsplit(url)
    own = {f"{parts.scheme}://{parts.netloc}"}
    if here and (urlsplit(f"//{host}").hostname or "") in LOOPBACK:
        own.add(f"http://{host}")
    return frozenset(own)
