"""Published cases as public JSON: listed, searched, read. Words to search for travel in a body."""

from asyncio import to_thread
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import FastAPI, Query, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response
from typing_extensions import TypedDict

from bot.handlers.chat.calls import Letters
from bot.handlers.chat.parts import WebParts
from bot.handlers.chat.problems import Trouble
from bot.handlers.chat.published import documented
from bot.handlers.chat.talk import Conversations
from bot.services import finding
from bot.services.case_words import link
from knowledge.cases import Case, Detail, Kind, told

MOST = 40
KEPT = {"cache-control": "public, max-age=60"}
_REFUSED = ("too_many", "malformed", "overloaded")


def _value(text: str) -> str:
    text.encode("utf-8")
    return text.strip()


Value = Annotated[str, Field(max_length=60), AfterValidator(_value)]


class Narrow(BaseModel):
    """By what cases are narrowed."""

    model_config = ConfigDict(extra="forbid")

    kind: Annotated[
        Literal["", "active", "passive"],
        Field(description="적극행정, 또는 감사·권고에서 확인된 소극행정"),
    ] = ""
    region: Value = ""
    year: Annotated[str, Field(pattern=r"^([0-9]{4})?$")] = ""
    field: Value = ""

    def only(self) -> dict[str, str]:
        """Give what is narrowed to."""
        found = {name: str(getattr(self, name)) for name in finding.FACETS}
        return {name: value for name, value in found.items() if value}


class Listing(Narrow):
    """One page of a list."""

    page: Annotated[int, Field(ge=1, le=99_999)] = 1


class Search(Narrow):
    """What is looked for, in words."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: Annotated[Letters, Field(min_length=1, max_length=finding.LONGEST)]
    limit: Annotated[int, Field(ge=1, le=MOST)] = 10


class CaseFew(TypedDict):
    """A case in a list; `gist` is one line of what was done, "" where the source does not tell."""

    ref: str
    title: str
    kind: Kind
    agency: str
    region: str
    year: int | None
    field: str
    gist: str
    url: str


class CaseOut(CaseFew):
    """A case with all that is known. What the source does not tell is "".

    `source` is where it was read, `link` the same as an address that may be opened, or null.
    """

    unit: str
    problem: str
    action: str
    effect: str
    keywords: list[str]
    law: str
    source: str
    link: str | None
    permission: str
    programme: str
    detail: Detail
    lang: str
    alike: list[CaseFew]


class FacetOut(TypedDict):
    value: str
    count: int


class Cases(TypedDict):
    """One page of what is published, the latest year first."""

    total: int
    page: int
    pages: int
    cases: list[CaseFew]
    facets: dict[str, list[FacetOut]]


class HitOut(TypedDict):
    """`score` is the share of the question that stands in the case; the best comes first."""

    score: float
    case: CaseFew


class MeantOut(TypedDict):
    """An everyday word of the question, and what was looked for as well."""

    word: str
    official: list[str]


class FoundCases(TypedDict):
    """`sure` false: nothing fits well, these come near. No hits: nothing fits."""

    sure: bool
    hits: list[HitOut]
    meant: list[MeantOut]


def add(app: FastAPI, parts: WebParts, talks: Conversations) -> None:
    """Add the calls to the public API."""
    _list(app, parts)
    _search(app, parts, talks)
    _read(app, parts)


def _list(app: FastAPI, parts: WebParts) -> None:
    @app.get(
        "/cases",
        summary="공개한 사례 늘어놓기",
        response_model=Cases,
        responses=documented("malformed", "overloaded"),
    )
    async def listed(narrow: Annotated[Listing, Query()]) -> Response:
        only, at = narrow.only(), narrow.page
        shown = await to_thread(parts.back.book.listed, only, (at - 1) * MOST, MOST)
        pages = max(1, -(-shown.total // MOST))
        out: Cases = {
            "total": shown.total,
            "page": at,
            "pages": pages,
            "cases": [few(parts, case) for case in shown.cases],
            "facets": {
                name: [{"value": value, "count": count} for value, count in found]
                for name, found in shown.facets.items()
            },
        }
        return JSONResponse(out, headers=KEPT)


def _search(app: FastAPI, parts: WebParts, talks: Conversations) -> None:
    @app.post(
        "/cases/search",
        summary="사례 찾기",
        response_model=FoundCases,
        responses=documented(*_REFUSED, "not_json", "too_large"),
    )
    async def search(call: Search, request: Request) -> Response:
        network = talks.networks.name(request.client.host if request.client else None)
        talks.rates.check(f"cases:{network}", parts.limits.searches)
        answer = await to_thread(parts.back.book.search, call.text, call.only(), call.limit)
        scores = answer.scores
        out: FoundCases = {
            "sure": answer.sought.sure,
            "hits": [
                {"score": round(scores[case.ref], 3), "case": few(parts, case)}
                for case in answer.cases
            ],
            "meant": [
                {"word": one.word, "official": list(one.official)} for one in answer.sought.meant
            ],
        }
        return JSONResponse(out)


def _read(app: FastAPI, parts: WebParts) -> None:
    @app.get(
        "/cases/{ref}",
        summary="사례 하나 보기",
        response_model=CaseOut,
        responses=documented("missing", "gone", "overloaded"),
    )
    async def read(ref: str) -> Response:
        found = await to_thread(parts.back.book.read, ref[:60])
        if found.case is None:
            raise Trouble("gone" if found.gone else "missing")
        out = whole(parts, found.case)
        out["alike"] = [few(parts, case) for case in found.alike]
        return JSONResponse(out, headers=KEPT)


def few(parts: WebParts, case: Case) -> CaseFew:
    """Give a case as it stands in a list."""
    return {
        "ref": case.ref,
        "title": case.title,
        "kind": case.kind,
        "agency": case.agency,
        "region": case.region,
        "year": case.year,
        "field": case.field,
        "gist": finding.gist(case),
        "url": f"{parts.url}/cases/{quote(case.ref, safe='')}",
    }


def whole(parts: WebParts, case: Case) -> CaseOut:
    """Give a case with all that is known."""
    to = link(case.source)
    return {
        **few(parts, case),
        "unit": case.unit,
        "problem": told(case.problem),
        "action": told(case.action),
        "effect": told(case.effect),
        "keywords": list(case.keywords),
        "law": case.law,
        "source": case.source,
        "link": to.href if to else None,
        "permission": case.permission or parts.back.book.permission,
        "programme": case.programme,
        "detail": case.detail,
        "lang": case.lang,
        "alike": [],
    }
