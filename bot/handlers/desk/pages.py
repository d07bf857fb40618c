"""Templates and words: what a page of the desk is made from."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from starlette.responses import Response

from bot.dialogs.replies import Phrase, Words
from bot.errors import Refused
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.visit import Knock, Unproved, Visit
from bot.handlers.pages import Pages as Templates
from bot.services import rights, totp
from bot.services.relay import OUTSIDE
from bot.services.rights import Right
from knowledge.calendar import seoul_day
from knowledge.korean import SEOUL, date_text, day_text, moment_text

LANG = "ko"
IDLE_SECONDS = 15 * 60

TONES: Mapping[str, str] = {
    "submitted": "primary",
    "received": "primary",
    "signing": "warning",
    "sent_back": "warning",
    "handed": "primary",
    "reviewing": "information",
    "committee": "information",
    "superior": "information",
    "replied": "success",
    "reported": "success",
    "triage": "information",
    "investigating": "information",
    "onsite": "information",
    "supplement": "warning",
    "refer_asked": "warning",
    "approval": "warning",
    "answered": "success",
    "following": "success",
}
"""How a state's badge looks; its words say it too."""

NAV: tuple[tuple[str, str, Right], ...] = (
    ("/filings", "desk.nav.filings", Right.QUEUE),
    ("/tasks", "desk.nav.tasks", Right.TASKS),
    ("/write", "desk.nav.write", Right.WRITE_IN),
    ("/calls", "desk.nav.calls", Right.WRITE_IN),
    ("/facts", "desk.nav.facts", Right.FACTS_SEEN),
    ("/applications", "desk.nav.applications", Right.APPLY),
    ("/admin/users", "desk.nav.users", Right.USERS),
    ("/admin/units", "desk.nav.units", Right.UNITS),
    ("/admin/days", "desk.nav.days", Right.DAYS),
    ("/queue-checks", "desk.nav.checks", Right.CHECKS),
    ("/access-log", "desk.nav.access_log", Right.ACCESS_LOG),
    ("/rights-log", "desk.nav.rights_log", Right.RIGHTS_LOG),
    ("/approvals", "desk.nav.approvals", Right.APPROVALS),
    ("/crowd", "desk.nav.crowd", Right.ASSIGN),
    ("/import", "desk.nav.import", Right.IMPORT),
    ("/templates", "desk.nav.templates", Right.TEMPLATES),
    ("/cases", "desk.nav.cases", Right.CASES),
    ("/newsletters", "desk.nav.newsletters", Right.NEWSLETTERS_APPROVE),
    ("/questions", "desk.nav.questions", Right.ANSWERS),
    ("/faq", "desk.nav.faq", Right.ANSWERS),
    ("/deputies", "desk.nav.deputies", Right.DEPUTIES),
    ("/chains", "desk.nav.chains", Right.CHAINS),
    ("/register", "desk.nav.register", Right.EXPORT),
    ("/statistics", "desk.nav.statistics", Right.STATISTICS),
    ("/records", "desk.nav.records", Right.RECORDS),
    ("/portal", "desk.nav.portal", Right.PORTAL),
    ("/dates", "desk.nav.dates", Right.DATES),
    ("/values", "desk.nav.values", Right.VALUES),
    ("/poster", "desk.nav.poster", Right.POSTER),
)
"""Path, words, and the right without which the way there is not shown; the daily work first."""

WITHIN: Mapping[str, str] = {
    "/admin/staff": "/admin/users",
    "/cases/import": "/cases",
    "/admin/unit-list": "/admin/units",
    "/admin/reorganise": "/admin/units",
    "/callers": "/calls",
    "/search": "/filings",
}
"""Pages that are opened from another one, whose way is marked while one is on them."""

NAV_SHOWN = 5
"""So many ways stand in the bar; the others are behind one word, which keeps it to a line."""


def size(count: int) -> str:
    """Say how large a file is."""
    if count < 1024 * 1024:
        return f"{max(1, round(count / 1024))} KB"
    return f"{count / 1024 / 1024:.1f} MB"


@dataclass(frozen=True, slots=True)
class Badge:
    """How near a due date is: words first, colour second."""

    key: str
    n: int
    tone: str


def badge(due_at: datetime | None, now: datetime) -> Badge | None:
    """Tell how far a due date is from today (both as days of Seoul)."""
    if due_at is None:
        return None
    left = (due_at.astimezone(SEOUL).date() - now.astimezone(SEOUL).date()).days
    if due_at < now and left <= 0:
        return Badge("desk.due.late_today" if left == 0 else "desk.due.late", -left, "danger")
    if left == 0:
        return Badge("desk.due.today", 0, "danger")
    return Badge("desk.due.left", left, "warning" if left <= 3 else "information")


class Pages:
    """Renders the desk's templates; made once, from the parts."""

    def __init__(self, parts: DeskParts) -> None:
        self._parts = parts
        self._templates = Templates(["."])
        self._site = parts.svc.site.words()

    def say(self, words: Words) -> str:
        """Give words as a finished sentence; officials are told otherwise than citizens."""
        texts = self._parts.svc.texts
        if isinstance(words, Phrase) and words.key.startswith("error."):
            own = f"desk.{words.key}"
            words = Phrase(own, words.params) if texts.has(own) else words
        if isinstance(words, Phrase):
            words = Phrase(texts.known(words.key, "newer.word"), words.params)
        return texts.render(words, LANG, self._site)

    def text(self, key: str, /, **params: Any) -> str:
        """Give a sentence by its key."""
        return self.say(Phrase(key, params))

    def maybe(self, key: str) -> str:
        """Give a sentence that need not be there."""
        return self.text(key) if self._parts.svc.texts.has(key) else ""

    def day(self, on: date | datetime) -> str:
        """Say a day as `12월 1일(화)`, in Seoul; of another year than this with its year."""
        here = on.astimezone(SEOUL).date() if isinstance(on, datetime) else on
        return day_text(here) if here.year == self._year() else date_text(here)

    def moment(self, at: datetime) -> str:
        """Say a time as `11월 23일(월) 오전 10시 12분`, in Seoul; its year as `day` does."""
        here = at.astimezone(SEOUL)
        said = moment_text(here)
        return said if here.year == self._year() else f"{here.year}년 {said}"

    def _year(self) -> int:
        return seoul_day(self._parts.svc.now()).year

    def show(self, knock: Knock, template: str, status: int = 200, **values: Any) -> Response:
        """Render a page."""
        actor = knock.actor if isinstance(knock, Visit) else None
        frame = {"said": None, "actor": actor, **self._frame(knock)}
        return self._templates.render(f"desk/{template}", frame | values, status)

    def _frame(self, knock: Knock) -> Mapping[str, Any]:
        """Give what every page has."""
        base = self._parts.base
        today = seoul_day(self._parts.svc.now())
        return {
            "t": self.text,
            "say": self.say,
            "lang": LANG,
            "base": base,
            "seal": knock.seal,
            "site": self._parts.svc.site,
            "rehearsal": self._parts.rehearsal,
            "outside": self._parts.svc.relay == OUTSIDE,
            "idle_seconds": IDLE_SECONDS,
            "now": self._parts.svc.now(),
            "today": today,
            "badge": badge,
            "day": self.day,
            "date": date_text,
            "moment": self.moment,
            "size": size,
            "static": lambda name: f"{base}/static/{name}",
            **self._nav(knock),
            "roles_of": self._roles,
            "tones": TONES,
            "state_word": lambda procedure, state: self.say(
                self._parts.svc.state(procedure, state)
            ),
        }

    def _nav(self, knock: Knock) -> dict[str, list[dict[str, Any]]]:
        """Give the ways in the bar, and those behind `더 보기`: never one alone."""
        if not isinstance(knock, Visit):
            return {"nav": [], "nav_more": []}
        here = knock.request.url.path.removeprefix(self._parts.base)
        here = next((way for part, way in WITHIN.items() if here.startswith(part)), here)
        ways = [
            {"path": path, "key": key, "here": here == path or here.startswith(path + "/")}
            for path, key, right in NAV
            if rights.may(knock.actor, right)
        ]
        shown = NAV_SHOWN if len(ways) > NAV_SHOWN + 1 else len(ways)
        return {"nav": ways[:shown], "nav_more": ways[shown:]}

    def _roles(self, actor: Any) -> str:
        return " · ".join(self.text(f"desk.role.{role}") for role in sorted(actor.roles))

    def problem(self, knock: Knock, kind: str, status: int) -> Response:
        """Say why a page cannot be shown, without saying whether it exists."""
        return self._no(knock, status, kind, self.text(f"desk.problem.{kind}.text"))

    def broken(self, knock: Knock, number: str) -> Response:
        """Say that it is our fault, with the number under which the log knows more."""
        text = self.text("desk.problem.broken.text", number=number)
        return self._no(knock, 500, "broken", text, sentences=knock.sent.sentences())

    def refused(self, knock: Knock, error: Refused) -> Response:
        """Say why something was not done, where no form is at hand to say it beside.

        What was written stands there, to be copied before one goes on to the report.
        """
        number = knock.request.path_params.get("number", "")
        written = knock.sent.sentences()
        return self._no(knock, 409, "refused", self.why(error), sentences=written, number=number)

    def _no(self, knock: Knock, status: int, kind: str, text: str, **more: Any) -> Response:
        """Show a page that says no."""
        title = self.text(f"desk.problem.{kind}.title")
        given = {"again": None, "sentences": (), "number": "", **more}
        return self.show(knock, "problem.html", status, title=title, text=text, **given)

    def why(self, error: Refused) -> str:
        """Give the sentence of a refusal."""
        return self.say(Phrase(error.key, error.params))

    def kept(self, knock: Knock) -> Response:
        """Keep what was typed when the session had ended: it goes back to whoever sent it.

        Signed in again in another window, the same form brings it back to its page, where the
        old seal does nothing: the page shows it once more, or this one asks whether to send it.
        """
        words, signed = knock.sent.typed(), isinstance(knock, Visit)
        return self.show(
            knock,
            "kept.html",
            409 if signed else 401,
            words=words,
            sentences=knock.sent.sentences(),
            path=knock.request.url.path,
            command=str(uuid.UUID(bytes=self._parts.svc.random(16), version=4)),
        )

    def prove(self, asked: Unproved) -> Response:
        """Ask for the second factor before a page goes on; what was typed goes along."""
        visit, store = asked.visit, self._parts.store
        has = store.read(lambda unit: totp.has(unit, visit.actor.user_id or 0))
        words = [
            (name, value)
            for name, values in visit.sent.words.items()
            if name not in {"seal", "proof"}
            for value in values
        ]
        path = visit.request.url.path
        here = path.removeprefix(self._parts.base)
        slow = asked.error is not None and asked.error.key == "access.slow"
        answer = self.show(
            visit,
            "prove.html",
            429 if slow else 401,
            code=has,
            error=self.why(asked.error) if asked.error else "",
            words=words if visit.post else [("next", here)],
            path=path if visit.post else f"{self._parts.base}/prove",
        )
        if slow and asked.error is not None:
            answer.headers["Retry-After"] = str(asked.error.params.get("seconds", 1))
        return answer

    def again(self, knock: Knock) -> Response:
        """Ask the browser to come once more, from a page of ours."""
        text = self.text("desk.problem.again.text")
        return self._no(knock, 200, "again", text, again=knock.request.url.path)


Say = Callable[[Words], str]
