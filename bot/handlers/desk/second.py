"""The second step of signing in: a code of the telephone, or letting the telephone learn (S30)."""

import io

import segno
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.errors import Refused
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import SESSION_SECONDS, DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Knock, Missing, inside, see
from bot.services import signing, totp
from bot.services.signing import Entered, Half, HalfWay

COOKIE = "desk-half"
SECONDS = int(signing.HALF_LIFE.total_seconds())


def ask(parts: DeskParts, half: Half, wanted: str) -> Response:
    """Send a browser that is half-way on to its second step."""
    page = "enrol" if half.needs == "enrol" else "second"
    answer = see(f"{parts.base}/{page}?next={inside(wanted)}")
    parts.set_cookie(answer, COOKIE, half.secret, SECONDS)
    return answer


def let_in(parts: DeskParts, answer: Response, entered: Entered) -> None:
    """Give a browser its session; what it was half-way with is gone."""
    parts.set_cookie(answer, "desk", entered.session.secret, SESSION_SECONDS)
    parts.remember(answer, entered.login, entered.device)
    parts.drop_cookie(answer, COOKIE)
    parts.drop_cookie(answer, "desk-door")


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Second(parts, pages)
    return [
        reception.door("/second", desk.second),
        reception.door("/enrol", desk.enrol),
        reception.door("/enrol/qr.svg", desk.picture),
    ]


class _Second:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def second(self, knock: Knock) -> Response:
        """Ask for a code; right, it opens the desk."""
        here = self._here(knock)
        if here is None or here.needs == "enrol":
            return self._gone(knock, here)
        if not knock.post:
            return self._show(knock, "second.html")
        try:
            entered = self._finish(knock, here)
        except Refused as error:
            return self._wrong(knock, "second.html", error)
        answer = see(self._parts.base + inside(knock.sent.get("next")))
        let_in(self._parts, answer, entered)
        return answer

    def enrol(self, knock: Knock) -> Response:
        """Show what the telephone has to learn; its first code opens the desk."""
        here = self._here(knock)
        if here is None or here.needs != "enrol":
            return self._gone(knock, here)
        if not knock.post:
            return self._show(knock, "enrol.html", secret=_grouped(here.secret))
        try:
            entered = self._finish(knock, here)
        except Refused as error:
            return self._wrong(knock, "enrol.html", error, secret=_grouped(here.secret))
        answer = self._show(knock, "paper_codes.html", codes=entered.paper, own=False)
        let_in(self._parts, answer, entered)
        return answer

    def picture(self, knock: Knock) -> Response:
        """Draw what the telephone has to learn; for the browser that is half-way alone."""
        here = self._here(knock)
        if here is None or here.needs != "enrol" or knock.post:
            raise Missing
        told = totp.address(self._parts.svc, here.login, here.secret)
        drawn = io.BytesIO()
        segno.make_qr(told, error="m").save(
            drawn, kind="svg", scale=5, dark="#000", light="#fff", svgclass=None, lineclass=None
        )
        return Response(drawn.getvalue(), media_type="image/svg+xml")

    def _here(self, knock: Knock) -> HalfWay | None:
        secret = self._secret(knock)
        return self._parts.store.read(lambda unit: signing.halfway(self._parts.svc, unit, secret))

    def _secret(self, knock: Knock) -> str:
        return knock.request.cookies.get(self._parts.cookie(COOKIE), "")

    def _finish(self, knock: Knock, here: HalfWay) -> Entered:
        return signing.finish(
            self._parts.svc,
            self._parts.store,
            self._secret(knock),
            knock.sent.get("code"),
            self._parts.caller(knock.request, here.login),
            f"second:{self._parts.svc.random(16).hex()}",
        )

    def _gone(self, knock: Knock, here: HalfWay | None) -> Response:
        """Send on who came to the wrong step, or begin again."""
        if here is not None and not knock.post:
            page = "enrol" if here.needs == "enrol" else "second"
            return see(f"{self._parts.base}/{page}")
        return see(f"{self._parts.base}/sign-in?note=half_gone")

    def _wrong(self, knock: Knock, page: str, error: Refused, **values: str) -> Response:
        if error.key == "access.half_gone":
            return self._gone(knock, None)
        slow = error.key == "access.slow"
        words = self._pages.why(error)
        answer = self._show(knock, page, 429 if slow else 401, error=words, **values)
        if slow:
            answer.headers["Retry-After"] = str(error.params.get("seconds", 1))
        return answer

    def _show(self, knock: Knock, page: str, status: int = 200, **values: object) -> Response:
        wanted = knock.sent.get("next") if knock.post else knock.asked("next")
        known = {"next": inside(wanted), "error": ""}
        return self._pages.show(knock, page, status, **(known | values))


def _grouped(secret: str) -> str:
    """Write a secret as one can type it: four signs at a time."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
