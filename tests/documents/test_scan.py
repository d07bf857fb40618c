"""clamd is asked over its own socket; whoever does not answer clearly is away (security S25)."""

import socket

import pytest

from bot.documents.scan import Clamd
from tests.fakes.clamd import EICAR, clamd


@pytest.mark.parametrize("unix", [True, False])
def test_the_scanner_finds_what_it_knows_and_lets_the_rest_go(unix, tmp_path):
    with clamd(tmp_path if unix else None) as address:
        ask = Clamd(address)
        assert ask.lives()
        assert ask(b"a photo" * 50_000) == "clean"
        assert ask(b"x" * 100_000 + EICAR) == "found"
        assert ask(b"") == "clean"


@pytest.mark.parametrize("answer", [b"INSTREAM size limit exceeded. ERROR\0", b"\0", b"?" * 9000])
def test_an_answer_that_is_no_verdict_is_none(answer):
    with clamd(answer=answer) as address:
        assert Clamd(address)(b"x") == "away"


def test_a_scanner_that_is_not_there_is_away(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for address in (f"tcp://127.0.0.1:{port}", f"unix:{tmp_path}/nothing"):
        assert Clamd(address, 1)(b"x") == "away"
        assert not Clamd(address, 1).lives()


def test_a_scanner_that_is_silent_is_not_waited_for():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        ask = Clamd(f"tcp://127.0.0.1:{silent.getsockname()[1]}", 0.05)
        assert ask(b"x") == "away"
