"""The desk in front of the office of the services' tests, opened by a browser without a screen."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from bot.handlers import desk
from bot.handlers.desk import DeskParts
from bot.locale import Texts
from storage.repositories import sessions
from tests import shipped
from tests.conftest import Database
from tests.desk.forms import Form, Page
from tests.services.conftest import Office, build, catalog, clock, office, site

__all__ = ["Desk", "Seat", "build", "catalog", "clock", "office", "site", "texts"]

HOST = "https://desk.gaon.example"
BASE = f"{HOST}/desk"


@pytest.fixture(scope="session")
def texts() -> Texts:
    """Say nothing in place of a word that is missing: a gap in a page is an error here."""
    return shipped.texts()


@pytest.fixture(params=["sqlite"])
def database(request: pytest.FixtureRequest, tmp_path: Any, ring: Any) -> Any:
    """Use one database for pages; the life of a report runs on both (test_life)."""
    return Database(f"sqlite:///{shipped.new_file(tmp_path)}", tmp_path, ring)


@dataclass
class Seat:
    """Somebody before the desk: cookies, the page at hand, its forms."""

    client: TestClient
    office: Office
    login: str = ""

    def get(self, path: str, **headers: str) -> Page:
        answer = self.client.get(f"{BASE}{path}", headers=headers)
        assert answer.status_code == 200, (path, answer.status_code, Page(answer.text).text[:300])
        page = Page(answer.text)
        if path.count("/") > 2 and page.asks("/conflict"):  # asked before anything is shown
            self.open(path.split("/")[2])
            return self.get(path, **headers)
        return page

    def status(self, path: str, method: str = "GET") -> int:
        if method == "GET":
            return self.client.get(f"{BASE}{path}", follow_redirects=False).status_code
        return self.post(path, {}).status_code

    def post(self, path: str, fields: dict[str, Any], **kw: Any) -> Any:
        """Send fields as they are, from our own page."""
        headers = {"Origin": HOST, "Sec-Fetch-Site": "same-origin", **kw.pop("headers", {})}
        return self.client.post(
            f"{BASE}{path}", data=fields, headers=headers, follow_redirects=False, **kw
        )

    def send(
        self, path: str, form: Form, step: str = "", files: Any = None, /, **fields: Any
    ) -> Any:
        """Fill a form in and press its button."""
        for name in fields:
            assert name in form.names, (name, sorted(form.names))
        given = {
            **form.fields,
            **{k: v if isinstance(v, list) else [v] for k, v in fields.items()},
        }
        if step:
            given["step"] = [step]
        target = form.action.removeprefix("/desk") if form.action else path
        return self.post(target, given, files=files)

    def move(self, number: str, action: str, /, files: Any = None, **fields: Any) -> Any:
        """Make a move as a person does: form, preview, send."""
        path = f"/filings/{number}/moves/{action}"
        page = self.get(path)
        if "since" in page.form().names and action == "assign":
            self.guard(number)
            page = self.get(path)
        form = page.form()
        if fields or "look" in {value for _, value, _ in form.buttons}:
            step = next(value for name, value, _ in form.buttons if name == "step")
            answer = self.send(path, form, step, files, **fields)
            if step == "send" or answer.status_code != 200:
                return answer
            page = Page(answer.text)
        return self.send(path, page.form(), "send")

    def guard(self, number: str, **fields: Any) -> Any:
        """Confirm who may not see a filing, as it is proposed or as given."""
        self.open(number)
        path = f"/filings/{number}/guard"
        return self.send(path, self.get(path).form(), "confirm", **fields)

    def open(self, number: str) -> Page:
        """Open a filing; the first time one says that there is no conflict."""
        page = self.get(f"/filings/{number}")
        if page.asks("/conflict"):
            form = page.form("/conflict")
            answer = self.post(f"/filings/{number}/conflict", {**form.fields, "answer": "none"})
            assert answer.status_code == 303
            page = self.get(f"/filings/{number}")
        return page


@dataclass
class Desk:
    office: Office
    app: Starlette
    parts: DeskParts

    def seat(self, login: str = "") -> Seat:
        """Sit down, signed in as somebody (without the half second that Argon2 takes)."""
        client = TestClient(self.app, base_url=HOST)
        if login:
            secret = uuid.uuid4().hex
            user_id = self.office.people[login].user_id
            assert user_id is not None
            now = self.office.clock()
            self.office.do(
                lambda u: sessions.open_(u, secret, user_id, now, now + timedelta(hours=8))
            )
            client.cookies.set("__Host-desk", secret, domain="desk.gaon.example")
        return Seat(client, self.office, login)


def make(office: Office, **changes: Any) -> Desk:
    own = {
        "store": office.store,
        "svc": office.svc,
        "book": office.svc.catalogue,
        "url": BASE,
        "channels": {},
    }
    parts = DeskParts(**{**own, **changes})
    return Desk(office, Starlette(routes=desk.routes(parts)), parts)


@pytest.fixture
def room(office: Office) -> Desk:
    return make(office)


@pytest.fixture
def seat(room: Desk) -> Callable[[str], Seat]:
    return room.seat
