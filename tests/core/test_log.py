import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot.log import NOISY, Redactor, get
from tests import logged

TOKEN = "123456:AAbbCCddEEffGG"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    with logged.lines([TOKEN, "p@ss/word"]) as stream:
        yield stream


def last(stream: io.StringIO) -> dict[str, object]:
    found = json.loads(stream.getvalue().splitlines()[-1])
    assert isinstance(found, dict)
    return found


def test_an_event_is_one_line_of_json(lines: io.StringIO) -> None:
    get("bot.x").info("row_sent", row=3, took=0.2)
    assert last(lines)["event"] == "row_sent"
    assert last(lines)["row"] == 3
    assert last(lines)["logger"] == "bot.x"


@pytest.mark.parametrize(
    "text",
    [
        f"POST https://api.telegram.org/bot{TOKEN}/sendMessage",
        "only the half AAbbCCddEEffGG of it",
        "in a URL p%40ss%2Fword",
        "as it stands p@ss/word",
    ],
)
def test_no_secret_passes_in_any_spelling(lines: io.StringIO, text: str) -> None:
    logging.getLogger("some.library").warning(text)
    get("bot.x").warning("seen", text=text)
    out = lines.getvalue()
    assert "▇▇▇" in out
    assert not any(secret in out for secret in (TOKEN, "AAbbCCddEEffGG", "p%40ss", "p@ss"))


def test_noisy_libraries_are_silent_below_warning(lines: io.StringIO) -> None:
    for name in NOISY:
        logging.getLogger(name).info("the whole request")
    assert lines.getvalue() == ""


def test_an_exception_is_told_by_type_and_place_and_never_by_its_words(
    lines: io.StringIO,
) -> None:
    def break_it() -> None:
        try:
            {}["홍길동"]
        except KeyError as error:
            raise ValueError("010-1234-5678") from error

    try:
        break_it()
    except ValueError as error:
        get("bot.x").exception("it_broke")
        get("bot.x").error("it_broke", exc_info=error)
        logging.getLogger("some.library").exception("it broke too")
    for line in lines.getvalue().splitlines():
        found = json.loads(line)
        assert found["error"] == "ValueError"
        assert "test_log:" in found["trace"]
        assert found["trace"].endswith("< KeyError")
    assert "홍길동" not in lines.getvalue()
    assert "010-1234" not in lines.getvalue()


def test_an_error_flag_without_an_error_is_no_error(lines: io.StringIO) -> None:
    get("bot.x").error("nothing_raised", exc_info=True)
    assert "trace" not in last(lines)


def test_an_object_is_logged_by_its_type(lines: io.StringIO) -> None:
    get("bot.x").info("seen", what={"name": "홍길동"}, stack_info=None)
    assert last(lines)["what"] == "dict"


def test_a_short_secret_does_not_blacken_ordinary_words() -> None:
    assert Redactor(["abc"])("abc is a word") == "abc is a word"


def test_whoever_logged_in_a_test_leaves_logging_as_it_was() -> None:
    before = structlog.get_config()
    with logged.lines([TOKEN]):
        assert structlog.get_config()["logger_factory"] is not before["logger_factory"]
    assert structlog.get_config() == before
    assert not any("ConsoleRenderer" in repr(one) for one in before["processors"])
