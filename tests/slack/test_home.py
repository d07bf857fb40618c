"""The Home tab laid out: every shelf stands there, and what does not fit is counted."""

from bot.dialogs.replies import Option, Phrase
from bot.handlers.slack.home import VIEW, view_of
from bot.services.homes import Home, Line, Shelf
from tests.fakes.slack_rules import check_view, said
from tests.slack.golden import check_text, drawn
from tests.slack.test_render import act, speak

DESK = "https://desk.gaon.example"


def of(*shelves: Shelf) -> Home:
    start = Option(Phrase("office.start.queue"), url=f"{DESK}/filings")
    return Home("김감사", shelves, (start,))


def shelf(name: str, count: int, more: int = 0, *, two: bool = False) -> Shelf:
    link = Option(Phrase("office.open"), url=f"{DESK}/filings/1")
    options = (act("알림", "remind"), link) if two else (link,)
    lines = tuple(
        Line(f"2026-{n:04}", f"2026-{n:04} · 소극행정 신고 · 조사중", options)
        for n in range(count)
    )
    title, empty = Phrase(f"office.shelf.{name}"), Phrase(f"office.empty.{name}")
    return Shelf(title, lines, more, f"{DESK}/filings?show={name}", empty)


def test_the_tab_is_laid_out_as_the_golden_file_shows() -> None:
    view = view_of(
        of(shelf("mine", 2, 5), shelf("overdue", 1, two=True), shelf("new", 0)), speak()
    )
    check_view(view)
    check_text("home", drawn(view["blocks"]) + "\n")


def test_long_shelves_all_stand_there_with_their_buttons_and_the_rest_is_counted() -> None:
    names = ("mine", "overdue", "new", "deciding", "facts")
    for two in (False, True):
        view = view_of(of(*(shelf(name, 20, 7, two=two) for name in names)), speak())
        check_view(view)
        assert len(view["blocks"]) <= VIEW
        words = "\n".join(said(view["blocks"]))
        shown = words.count("2026-") // len(names)
        assert words.count(f"{27 - shown}건 더 보기") == len(names)
        assert words.count("직원 화면에서 열기") == shown * len(names) > len(names) * 5


def test_without_anything_to_show_the_tab_says_where_one_begins() -> None:
    view = view_of(of(), speak())
    check_view(view)
    assert [block["type"] for block in view["blocks"]] == ["actions"]
    assert view_of(Home("김감사", (), ()), speak())["blocks"] == []
