"""An issue of the news as a letter: reparsed, looked through, and with nothing that counts."""

import email
import email.policy
import re
import struct
import tomllib
import zlib
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from bot.channel import Carried, Delivered, Never, Parcel
from bot.dialogs.replies import News, Part, Phrase, Picture
from bot.handlers.mail import MailChannel
from bot.handlers.mail_post import FolderPost
from bot.locale import SHIPPED, Texts
from bot.services.mail_addresses import mail_domain, wire_address
from tests.telegram.test_hostile import HOSTILE
from tests.web.fakes import SITE, Clock, randoms

HOME = "https://talk.gaon.example"
TOKEN = "aaaaaaaaaaasxk6m2c4t7v2o3w5q6n7p2r4e"
STOP, MINE = f"{HOME}/news/stop/{TOKEN}", f"{HOME}/news/mine/{TOKEN}"


def _texts() -> Texts:
    """Read the words of letters alone: all of them together take a second."""

    def flat(table: dict, prefix: str = "") -> dict[str, str]:
        found: dict[str, str] = {}
        for name, value in table.items():
            inner = isinstance(value, dict)
            found |= (
                flat(value, f"{prefix}{name}.") if inner else {prefix + name: value.strip("\n")}
            )
        return found

    return Texts(
        {
            lang: {
                key: text
                for name in ("mail", "news")
                for key, text in flat(
                    tomllib.loads((SHIPPED / lang / f"{name}.toml").read_text("utf-8"))
                ).items()
            }
            for lang in ("ko", "en")
        },
        strict=True,
    )


TEXTS = _texts()


def png(width: int = 2, height: int = 1) -> bytes:
    """Make a picture that is one."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + b"\xff" * width for _ in range(height)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


NEWS = News(
    number="2026-11",
    text="11월의 적극행정",
    lead="세 가지를 전해 드려요.\n\n둘째 문단이에요.",
    parts=(
        Part("옥상 텃밭", "62일에서 9일로 줄었어요.\n둘째 줄", f"{HOME}/cases/gaon-0031", 0),
        Part("전국에서", "7주에 마쳤어요.", "https://www.mpm.go.kr/case/117"),
        Part("숫자로", "", None, 1),
    ),
    pictures=(
        Picture("news:2026-11:0", "옥상 텃밭 그림"),
        Picture("news:2026-11:1", "막대그래프"),
        Picture("news:2026-11:2", "표지"),
    ),
    page=f"{HOME}/news/2026-11",
)
PICTURES = (png(1080, 8), png(536, 8), png(300, 8))
CARRIED = Carried(PICTURES, stop=STOP, prefer=MINE, bounce=TOKEN)


def channel(folder, **changes) -> MailChannel:
    values = {
        "sender": "가온시 적극톡 <talk@gaon.example>",
        "home": HOME,
        "bounce": "bounce@gaon.example",
        "now": Clock(),
        "random": randoms(),
    }
    way = FolderPost(folder, Clock(), randoms())
    return MailChannel(way, TEXTS, changes.pop("site", SITE), **(values | changes))


def parcel(reply=NEWS, **changes) -> Parcel:
    given = {"address": "hong@example.com", "reply": reply, "lang": "ko", "carried": CARRIED}
    return Parcel(**(given | changes))


def wire(road: MailChannel, one: Parcel) -> bytes:
    return road._letter(one, one.address).wire


def read(raw: bytes):
    return email.message_from_bytes(raw, policy=email.policy.default)


class Page(HTMLParser):
    """What a letter's page is made of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "div", "table", "tr", "td", "p", "br",
    "h1", "h2", "img", "a", "span",
}  # fmt: skip


def harmless(html: str) -> Page:
    """See that a page runs nothing, fetches nothing and has no markup but ours."""
    page = Page(html)
    assert {name for name, _ in page.tags} <= ALLOWED
    for _, attrs in page.tags:
        assert not any(name.startswith("on") for name in attrs)
        assert "url(" not in (attrs.get("style") or "")
    assert all(re.match(r"cid:|data:image/png", one["src"]) for one in page.all("img"))
    assert all(one["href"].startswith("https://") for one in page.all("a"))
    assert len(page.all("style")) == 1
    assert "@import" not in html
    assert "url(" not in html
    return page


def html_of(letter) -> str:
    return letter.get_body(("html",)).get_content()


def test_the_letter_has_words_and_a_page_with_its_pictures_inside(tmp_path):
    letter = read(wire(channel(tmp_path), parcel()))
    assert not letter.defects
    assert letter.get_content_type() == "multipart/alternative"
    words, page = letter.iter_parts()
    assert (words.get_content_type(), page.get_content_type()) == (
        "text/plain",
        "multipart/related",
    )
    html, *pictures = page.iter_parts()
    assert html.get_content_type() == "text/html"
    assert [one.get_content_type() for one in pictures] == ["image/png"] * 3
    assert [one.get_content() for one in pictures] == list(PICTURES)
    assert [one["Content-Disposition"].content_disposition for one in pictures] == ["inline"] * 3
    named = {one["Content-ID"].strip("<>") for one in pictures}
    shown = [one["src"].removeprefix("cid:") for one in harmless(html_of(letter)).all("img")]
    assert sorted(named) == sorted(shown)
    assert all(not part.defects for part in letter.walk())


def test_every_line_at_the_head_is_there_once(tmp_path):
    letter = read(wire(channel(tmp_path), parcel()))
    names = [name.lower() for name in letter.keys()]  # noqa: SIM118 - with the repeated ones
    assert len(names) == len(set(names))
    assert letter["To"].addresses[0].addr_spec == "hong@example.com"
    assert letter["From"].addresses[0].display_name == "가온시 적극톡"
    assert letter["Subject"] == "[가온시] 11월의 적극행정"
    assert letter["List-Unsubscribe"].replace("\r\n", "") == (
        f"<{STOP}>, <mailto:bounce+{TOKEN}@gaon.example?subject=unsubscribe>"
    )
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter["List-Id"] == "<news.gaon.example>"
    assert letter["Precedence"] == "bulk"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Feedback-ID"] == "2026-11:news:ko:jeokgeuk"
    assert letter["Content-Language"] == "ko"
    assert "(광고)" not in letter["Subject"]
    assert max(map(len, wire(channel(tmp_path), parcel()).split(b"\r\n"))) < 998  # RFC 5322 2.1.1


def test_a_headline_with_the_agency_in_it_does_not_name_it_twice(tmp_path):
    news = replace(NEWS, text="가온시 월간 적극행정 2026년 11월호")
    assert read(wire(channel(tmp_path), parcel(news)))["Subject"] == news.text


def test_nothing_is_fetched_and_nothing_counts(tmp_path):
    letter = read(wire(channel(tmp_path), parcel()))
    html, words = html_of(letter), letter.get_body(("plain",)).get_content()
    page = harmless(html)
    links = [one["href"] for one in page.all("a")]
    assert links == [
        f"{HOME}/cases/gaon-0031",
        "https://www.mpm.go.kr/case/117",
        f"{HOME}/news/2026-11",
        STOP,
        MINE,
    ]
    own = [link for link in links if TOKEN in link]
    assert own == [STOP, MINE]
    assert not any("?" in link for link in links)
    for link in links:
        assert link in words
    assert "http:" not in html
    assert len(html) < 100_000  # Gmail cuts a page at 102 kB


def test_who_sends_it_how_to_stop_it_and_where_a_link_leads_can_be_read(tmp_path):
    letter = read(wire(channel(tmp_path), parcel()))
    page = Page(html_of(letter))
    shown = " ".join(page.words)
    for said in (
        "가온시",
        "감사담당관",
        "041-120",
        "그만 받기",
        "받는 소식 바꾸기",
        "www.mpm.go.kr",
    ):
        assert said in shown
    assert page.all("html") == [{"lang": "ko", "dir": "ltr"}]
    assert all(one["alt"] for one in page.all("img"))
    assert {one.get("role") for one in page.all("table")} == {"presentation"}
    assert "prefers-color-scheme: dark" in html_of(letter)
    assert {"name": "color-scheme", "content": "light dark"} in page.all("meta")
    assert [name for name, _ in page.tags if name in {"h1", "h2"}] == ["h1", "h2", "h2", "h2"]


def test_the_words_stand_alone_for_who_reads_no_markup(tmp_path):
    words = read(wire(channel(tmp_path), parcel())).get_body(("plain",)).get_content()
    for said in ("11월의 적극행정", "■ 옥상 텃밭", "(그림) 막대그래프", f"· 그만 받기: {STOP}"):
        assert said in words
    assert "<" not in words


@pytest.mark.parametrize(
    ("news", "rules"),
    [
        (NEWS, 3),
        (replace(NEWS, lead=""), 3),  # a picture stands above
        (replace(NEWS, lead="", pictures=()), 2),
        (replace(NEWS, parts=()), 0),
        (News("1", "제목뿐인 호"), 0),
    ],
)
def test_a_line_stands_only_between_pieces(news, rules, tmp_path):
    html = html_of(read(wire(channel(tmp_path), parcel(news))))
    assert html.count('class="rule"') == rules


def test_in_english_all_that_is_ours_is_english(tmp_path):
    news = News("2026-11-en", "A month of willing administration", parts=(Part("One", "Two"),))
    letter = read(wire(channel(tmp_path), parcel(news, lang="en")))
    assert letter["Content-Language"] == "en"
    assert "Stop these messages" in html_of(letter)
    assert Page(html_of(letter)).all("html")[0]["lang"] == "en"


def test_readers_share_all_but_their_own_lines_and_links(tmp_path):
    road = channel(tmp_path)
    first = wire(road, parcel())
    other = Carried(PICTURES, stop=f"{HOME}/news/stop/b", prefer=f"{HOME}/news/mine/b", bounce="b")
    second = wire(road, parcel(address="kim@example.com", carried=other))
    letter = read(second)
    assert letter["To"].addresses[0].addr_spec == "kim@example.com"
    assert TOKEN not in html_of(letter)
    assert TOKEN.encode() not in second
    assert f"{HOME}/news/stop/b" in html_of(letter)
    shared = first.partition(b"Content-Type: image/png")[2]
    assert shared
    assert second.endswith(shared)
    assert len(road._issues._made) == 1


def test_another_language_or_issue_is_made_anew_and_few_are_kept(tmp_path):
    road = channel(tmp_path)
    for number in range(6):
        wire(road, parcel(News(str(number), f"{number}호")))
    assert len(road._issues._made) == 4
    assert "[가온시] 5호" in read(wire(road, parcel(News("5", "5호"))))["Subject"]
    assert read(wire(road, parcel(lang="en")))["Content-Language"] == "en"


def test_one_letter_has_one_name_however_often_it_goes_out(tmp_path):
    road = channel(tmp_path)
    name = read(wire(road, parcel()))["Message-ID"]
    again = read(wire(road, parcel(again=True)))
    assert again["Message-ID"] == name
    assert again["Subject"].startswith("(다시 보냄)")
    assert read(wire(road, parcel(address="kim@example.com")))["Message-ID"] != name
    assert read(wire(road, parcel(News("2026-12", "x"))))["Message-ID"] != name


def test_without_links_of_the_readers_own_there_is_none(tmp_path):
    letter = read(wire(channel(tmp_path), parcel(carried=None)))
    assert letter["List-Unsubscribe"] is None
    assert "그만 받기" not in html_of(letter)
    assert "막대그래프" in html_of(letter)
    assert not Page(html_of(letter)).all("img")


def test_without_a_mailbox_for_what_comes_back_only_the_page_stops_it(tmp_path):
    road = channel(tmp_path, bounce="")
    assert read(wire(road, parcel()))["List-Unsubscribe"] == f"<{STOP}>"
    assert road._envelope(parcel()) == "talk@gaon.example"
    assert channel(tmp_path)._envelope(parcel()) == f"bounce+{TOKEN}@gaon.example"
    assert channel(tmp_path)._envelope(parcel(carried=None)) == "talk@gaon.example"


@pytest.mark.parametrize(
    "url",
    [
        "http://evil.example/x",
        "javascript:alert(1)",
        "https://user@evil.example/",
        "//evil.example",
        "https://evil.example/\r\nX: y",
        f"{HOME}/cases/\u202ex",
        f"{HOME}.evil.example/ x",
    ],
)
def test_a_link_that_is_no_plain_https_one_is_left_out(url, tmp_path):
    news = News("1", "호", parts=(Part("제목", "글", url),), page=url)
    letter = read(wire(channel(tmp_path), parcel(news)))
    assert [one["href"] for one in harmless(html_of(letter)).all("a")] == [STOP, MINE]


def test_what_is_no_picture_is_told_in_words(tmp_path):
    carried = Carried((b"<svg onload=alert(1)>",), stop=STOP, prefer=MINE, bounce=TOKEN)
    raw = wire(channel(tmp_path), parcel(carried=carried))
    assert b"svg" not in raw
    page = harmless(html_of(read(raw)))
    assert not page.all("img")
    assert "옥상 텃밭 그림" in " ".join(page.words)


def test_the_preview_is_the_letter_with_its_pictures_in_the_page(tmp_path):
    seen = channel(tmp_path).preview(parcel())
    assert seen.text.startswith("[가온시] 11월의 적극행정\n\n11월의 적극행정")
    page = harmless(seen.html)
    assert all(one["src"].startswith("data:image/png;base64,") for one in page.all("img"))
    assert len(page.all("img")) == 3


async def test_three_hundred_hostile_strings_come_out_as_text(tmp_path):
    for number, whole in enumerate(HOSTILE):
        text = (
            whole if number % 20 == 0 else whole[:300]
        )  # a few in full: long ones are slow to parse
        news = News(
            text[:90],
            text,
            lead=text,
            parts=(Part(text, text, text, 0), Part("둘", Phrase("news.button.stop"), text, 7)),
            pictures=(Picture("x", text),),
            page=text,
        )
        road = channel(tmp_path, site={**SITE, "agency": text[:60], "audit_unit": text[:60]})
        raw = wire(road, parcel(news, carried=replace(CARRIED, pictures=(png(),))))
        letter = email.message_from_bytes(raw)  # the old policy: a tenth of the time
        names = [name.lower() for name in letter.keys()]  # noqa: SIM118
        assert len(names) == len(set(names)), number
        assert "bcc" not in names
        assert letter["List-Unsubscribe-Post"]
        html = letter.get_payload(1).get_payload(0).get_payload(decode=True).decode()
        page = harmless(html)
        assert [one["href"] for one in page.all("a")] == [STOP, MINE], number
        assert await road.deliver(parcel(news, address=text)) == Never("mail_address"), number
    assert list(tmp_path.iterdir()) == []


async def test_an_issue_without_a_server_is_a_file_that_a_mail_program_opens(tmp_path):
    assert isinstance(await channel(tmp_path).deliver(parcel()), Delivered)
    letter = read(next(tmp_path.iterdir()).read_bytes())
    assert letter["Subject"] == "[가온시] 11월의 적극행정"


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("hong@example.com", "hong@example.com"),
        ("a.b+c@d.kr", "a.b+c@d.kr"),
        ("hong@가온.kr", "hong@xn--o39a190c.kr"),
    ],
)
def test_an_address_is_written_as_the_wire_has_it(address, sent):
    assert wire_address(address) == sent


@pytest.mark.parametrize(
    "address",
    ["", "@", "a@", "@b", "a@b@c", "a b@c.d", "홍@x.kr", "a..b@c.d", f"{'a' * 65}@b.kr", "a@b\r\nc",
     f"a@{'b' * 300}.kr", "a@-.가", "<a@b.kr>", "a@b.kr>", '"a b"@d.kr', "a,b@c.kr"],
)  # fmt: skip
def test_what_is_no_address_is_none(address):
    with pytest.raises(ValueError):
        wire_address(address)
    assert mail_domain(address) == ""


def test_letters_are_counted_by_the_domain_of_their_reader():
    assert mail_domain("Hong@Example.COM") == "example.com"
    assert mail_domain("hong@가온.kr") == "xn--o39a190c.kr"
