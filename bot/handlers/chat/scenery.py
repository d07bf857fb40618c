"""What every public page is drawn with: language, sentences, and the pages that say no."""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from bot.dialogs.replies import Phrase, Words
from bot.errors import Overloaded
from bot.handlers.chat.guard import own_origin
from bot.handlers.chat.parts import WebParts
from bot.handlers.chat.problems import STATUS, Trouble, problem
from bot.handlers.pages import Pages
from bot.locale import Span
from knowledge.calendar import seoul_day

Page = Callable[[Request], Awaitable[Response]]
PHONES = ("call", "audit_phone", "road_call")
_DIGITS = re.compile(r"\+?[0-9][0-9 -]{2,18}[0-9]")
SCRIPT_TEXTS = ("web.chat.", "web.receipt.", "web.handover.", "web.sheet.")


class Scenery:
    """Draws pages from `templates/web`; one per process."""

    def __init__(self, parts: WebParts) -> None:
        self._parts = parts
        self._pages = Pages(["web", "."])
        self._script = {lang: self._said(lang) for lang in parts.texts.languages}

    def lang(self, request: Request) -> str:
        """Choose the language: the address says it, else the browser, else Korean."""
        known = self._parts.texts.languages
        asked = request.query_params.get("lang", "")
        if asked in known:
            return asked
        for part in request.headers.get("accept-language", "").split(","):
            code = part.split(";")[0].strip().split("-")[0].lower()
            if code in known:
                return code
        return "ko"

    def draw(
        self,
        request: Request,
        name: str,
        values: Mapping[str, Any] | None = None,
        status: int = 200,
    ) -> Response:
        """Give a page of this name with the values of its own."""
        lang = self.lang(request)
        say = self._parts.say(lang)

        def url(path: str) -> str:
            return path if lang == "ko" else f"{path}?{urlencode({'lang': lang})}"

        def here(code: str) -> str:
            # What a form brought is not in the address: another language begins at its page.
            path = request.url.path if request.method == "GET" else _page_of(request.url.path)
            return path if code == "ko" else f"{path}?{urlencode({'lang': code})}"

        common = {
            "lang": lang,
            "languages": [code for code in ("ko", "en") if code in self._parts.texts.languages],
            "t": lambda key, **params: say(Phrase(key, params)),
            "say": say,
            "spans": self.spans(lang),
            "url": url,
            "here": here,
            "day": lambda at: self.day(at, lang),
            "agency": self.own("agency", lang),
            "site": _Given(self._parts.site),
            "menu": self._parts.menu,
            "page": "",
            "form_id": self._parts.random(16).hex(),
        }
        return self._pages.render(f"{name}.html", {**common, **(values or {})}, status)

    def own(self, name: str, lang: str) -> str:
        """Give what the agency says of itself, in this language if it has a wording of its own."""
        site = self._parts.site
        return site.get(f"{name}.{lang}") or site.get(name, "")

    def spans(self, lang: str) -> Callable[[Words], tuple[Span, ...]]:
        """Give the renderer that keeps our own bold apart."""
        return lambda words: self._parts.texts.spans(words, lang, self._parts.site)

    def day(self, at: datetime | None, lang: str) -> str:
        """Say a moment as the day it falls on in Seoul."""
        if at is None:
            return ""
        on = seoul_day(at)
        this_year = on.year == seoul_day(self._parts.now()).year
        key = "day" if this_year else "date"
        return self._parts.say(lang)(Phrase(f"web.case.{key}", {"day": on.isoformat()}))

    def words(self, request: Request) -> Mapping[str, Any]:
        """Give what the scripts of a page say, and the few facts they need."""
        site = self._parts.site
        links = [site.get("policy_url", ""), f"{self._parts.url}/status"]
        return {
            "texts": self._script[self.lang(request)],
            "site": {
                "phones": [site[name] for name in PHONES if _DIGITS.fullmatch(site.get(name, ""))],
                "links": [link for link in links if link],
                "file_bytes": self._parts.limits.file_bytes,
                "files": self._parts.limits.files,
            },
        }

    def _said(self, lang: str) -> Mapping[str, str]:
        texts = self._parts.texts
        said: dict[str, str] = {}
        for key in sorted(texts.keys()):
            if key.startswith(SCRIPT_TEXTS):
                # Site parameters are filled in here; the script fills in the others.
                own = texts.holes(key) - set(self._parts.site)
                phrase = Phrase(key, {name: f"{{{name}}}" for name in own})
                said[key.removeprefix("web.")] = texts.render(phrase, lang, self._parts.site)
        return said

    # Saying no

    def trouble(self, request: Request, trouble: Trouble) -> Response:
        """Give a problem as whoever asks can read it: a script as JSON, a person as a page."""
        if request.headers.get("content-type", "").startswith("application/json"):
            return problem(trouble, self._parts.say(self.lang(request)))
        values = {"problem": trouble.code}
        answer = self.draw(request, "problem", values, STATUS[trouble.code])
        if trouble.retry_after is not None:
            answer.headers["retry-after"] = str(trouble.retry_after)
        return answer

    def kind(self, work: Page, *, own: bool = True) -> Page:
        """Let a page say no in its own words: problems, and a database that is away.

        Not `own`: any page, and any program, may send its form.
        """

        async def page(request: Request) -> Response:
            try:
                if own and request.method != "GET":
                    origins = self._parts.origins(request.headers.get("host", ""))
                    if not own_origin(request.headers, origins):
                        return self.trouble(request, Trouble("foreign"))
                return await work(request)
            except Trouble as trouble:
                return self.trouble(request, trouble)
            except Overloaded as overloaded:
                return self.trouble(request, Trouble("overloaded", overloaded.retry_after))

        return page


class _Given(dict[str, str]):
    """The site's words; one that an agency left out is empty, not an error."""

    def __init__(self, site: Mapping[str, str]) -> None:
        super().__init__(site)

    def __missing__(self, key: str) -> str:
        return ""

    def __getattr__(self, name: str) -> str:
        return self[name]


def _page_of(path: str) -> str:
    return {"/case": "/status", "/case/paper": "/status", "/leave": "/"}.get(path, path)


def as_json(value: Any) -> str:
    """Give a value as it stands in a hidden field."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
