"""Letters without a server are shown as a mail program would, in a frame that runs nothing."""

import email.policy
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from bot.channel import Parcel
from bot.handlers.mail_post import FolderPost
from bot.locale import Texts
from bot.rehearsal.letters import SHOWN, Letters
from bot.rehearsal.line import Line
from bot.rehearsal.pages import Rehearsal, beside
from tests.web.fakes import SITE, Clock, randoms
from tests.web.test_mail_issue import CARRIED, HOME, NEWS, channel, parcel

WORDS = {
    f"rehearsal.{name}": name
    for name in (
        "title", "letters", "letters_note", "no_letters", "letter_page", "letter_text",
        "letter_head",
    )
}  # fmt: skip


def name(number: int) -> str:
    return f"20261123T0100{number % 60:02}-{number:08x}.eml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "mail"
    made.mkdir()
    return made


def put(folder: Path, number: int, raw: bytes) -> str:
    (folder / name(number)).write_bytes(raw)
    return name(number)


def wire(folder: Path, one: Parcel) -> bytes:
    return channel(folder)._letter(one, one.address).wire


def client(folder: Path) -> httpx2.AsyncClient:
    texts = Texts({"ko": WORDS})
    app: Any = SimpleNamespace(
        settings=SimpleNamespace(data=folder.parent, site=SimpleNamespace(words=lambda: SITE)),
        svc=SimpleNamespace(texts=texts),
    )
    rehearsal = Rehearsal(app, Clock(), Line(Clock()))  # type: ignore[arg-type]
    transport = httpx2.ASGITransport(app=beside(Starlette(), rehearsal))
    return httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1")


async def test_the_newest_letter_is_first(folder: Path) -> None:
    for number in range(3):
        put(folder, number, wire(folder, parcel(address=f"a{number}@example.com")))
    (folder / "other.txt").write_text("x")
    async with client(folder) as http:
        page = (await http.get("/rehearsal/letters")).text
    places = [page.index(f"a{number}@example.com") for number in (2, 1, 0)]
    assert places == sorted(places)
    assert "11월 23일(월)" in page
    assert "other.txt" not in page


async def test_a_letter_is_shown_with_its_page_its_words_and_its_head(folder: Path) -> None:
    one = put(folder, 1, wire(folder, parcel()))
    async with client(folder) as http:
        page = await http.get(f"/rehearsal/letters/{one}")
        frame = await http.get(f"/rehearsal/letters/{one}/page")
    assert "■ 옥상 텃밭" in page.text
    assert "List-Unsubscribe-Post" in page.text
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page.text
    assert "default-src 'none'; script-src 'self'" in page.headers["content-security-policy"]
    policy = frame.headers.get_list("content-security-policy")
    assert len(policy) == 1
    assert policy[0].startswith("sandbox allow-popups")
    assert "default-src 'none'; img-src data:" in policy[0]
    assert "script-src" not in policy[0]
    assert frame.text.count("data:image/png;base64,") == 3
    assert "cid:" not in frame.text
    assert f"{HOME}/news/2026-11" in frame.text
    assert '<base target="_blank">' in frame.text


async def test_an_ordinary_letter_has_words_alone(folder: Path) -> None:
    letter = EmailMessage(policy=email.policy.SMTP)
    letter["Subject"], letter["To"] = "<script>alert(1)</script>", "a@b.kr"
    letter.set_content("</pre><script>alert(2)</script>")
    one = put(folder, 1, letter.as_bytes())
    async with client(folder) as http:
        page = (await http.get(f"/rehearsal/letters/{one}")).text
        assert (await http.get(f"/rehearsal/letters/{one}/page")).status_code == 404
        listed = (await http.get("/rehearsal/letters")).text
    assert "<iframe" not in page
    assert "<script>alert" not in page + listed
    assert "&lt;script&gt;alert(2)" in page


async def test_nothing_but_a_letter_of_the_folder_can_be_opened(folder: Path) -> None:
    (folder.parent / "keys").write_text("secret")
    (folder / "notes.eml").write_text("secret")
    (folder / name(7)).symlink_to(folder.parent / "keys")
    (folder / name(8)).mkdir()
    async with client(folder) as http:
        for asked in (
            "../keys", "..%2fkeys", "%2e%2e/keys", "notes.eml", name(7), name(8), name(9),
            f"x{name(7)}", f"{name(7)}%00", f"{name(7)}%0a",
        ):  # fmt: skip
            for path in (f"/rehearsal/letters/{asked}", f"/rehearsal/letters/{asked}/page"):
                answer = await http.get(path)
                assert answer.status_code == 404, path
                assert "secret" not in answer.text
        assert "no_letters" in (await http.get("/rehearsal/letters")).text


def test_a_rehearsal_without_letters_has_an_empty_list(tmp_path: Path) -> None:
    assert Letters(tmp_path / "none").listed() == []


def test_a_full_folder_shows_the_newest(folder: Path) -> None:
    for number in range(SHOWN + 5):
        put(folder, number, b"Subject: x\r\nTo: a@b.kr\r\n\r\n")
    assert len(Letters(folder).listed()) == SHOWN


async def test_what_was_sent_leads_to_its_letter(folder: Path) -> None:
    line = Line(Clock())  # type: ignore[arg-type]
    way = FolderPost(folder, Clock(), randoms())
    road = channel(folder)
    road._post = way
    await line.over(road).deliver(Parcel("hong@example.com", NEWS, "ko", carried=CARRIED))
    assert [one.name for one in Letters(folder).listed()] == [line.sent[0].letter]
    assert Letters(folder).opened(line.sent[0].letter) is not None
