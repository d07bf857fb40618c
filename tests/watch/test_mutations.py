"""Mutated real payloads at the webhook, and a machine that reads our OpenAPI: never a 5xx."""

import asyncio
import copy
import itertools
import json
import re
import string
from collections.abc import Iterator, MutableMapping, Sequence
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.app import build
from bot.handlers.telegram_webhook import HEADER, PATH
from bot.settings import read_settings
from tests.documents import made
from tests.fakes.clock import unhurried
from tests.fakes.telegram import FakeTelegram
from tests.needs import emulator_python
from tests.watch.test_stopping import answered, free_port, process

SECRET = "s3cret-S3CRET_0123456789-abcdefgh"


def payloads() -> list[dict[str, Any]]:
    """What people really send, of every kind, as the vendor writes it."""
    fake = FakeTelegram()
    person = fake.person()
    first = person.says("/start")
    found = [
        first, fake.group().adds_the_bot(), person.says("보도블록이 깨졌는데 세 달째 안 고쳐 줘요"), person.says("/report"),
        person.sends_photo(made.picture("JPEG"), album="a", caption="여기예요"),
        person.sends_document(made.pdf(1), "증거.pdf", "application/pdf"),
        person.sends_voice(b"OggS"), person.sends_sticker(), person.sends_location(37.5, 127.0),
        person.sends_contact("01012345678", person.id), person.edits(first["message"]["message_id"], "고친 말"),
        person.blocks(), person.unblocks(),
    ]  # fmt: skip
    query = {
        "update_id": 1, "callback_query": {
            "id": "7", "from": first["message"]["from"], "chat_instance": "1", "data": "d:1:0",
            "message": first["message"],
        },
    }  # fmt: skip
    return [
        *found,
        query,
        {**query, "callback_query": {**query["callback_query"], "data": "c:report:"}},
    ]


REAL = payloads()
DEEP: Any = None
for _ in range(200):
    DEEP = [DEEP]

JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(allow_nan=False),
    st.text(alphabet=string.printable + "가힣\u202e\u200b\x00\ud800😀", max_size=40),
    st.sampled_from(
        ["", "a" * 100_000, "가" * 5000, "-1", "0", "d:999999999:999", "c:" + "x" * 64, [], {}, DEEP,
         [[1]], {"id": {"id": 1}}, {"type": "private"}, 2**63, -(2**63), 1e308, "\u0000", "١٢٣"]
    ),
).map(copy.deepcopy)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Name every place in a payload."""
    if path:
        yield path
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value if isinstance(value, list) else ())
    )
    for key, inside in items:
        yield from places(inside, (*path, key))


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """Take a real payload and break it in one to four places."""
    update: dict[str, Any] = copy.deepcopy(draw(st.sampled_from(REAL)))
    for _ in range(draw(st.integers(1, 4))):
        where = draw(st.sampled_from(sorted(places(update), key=repr)))
        inside: Any = update
        for key in where[:-1]:
            inside = inside[key]
        how = draw(st.sampled_from(["drop", "junk", "junk", "add", "swap"]))
        if how == "drop":
            del inside[where[-1]]
        elif how == "add" and isinstance(inside, dict):
            inside[draw(st.sampled_from(["text", "from", "chat", "photo", "entities", "x"]))] = (
                draw(JUNK)
            )
        elif how == "swap":
            inside[where[-1]] = copy.deepcopy(draw(st.sampled_from(REAL)))
        else:
            inside[where[-1]] = draw(JUNK)
        if not isinstance(update, dict) or not list(places(update)):
            break
    return update


def mistakes(lines: Sequence[MutableMapping[str, Any]]) -> list[Any]:
    """Give what was logged as an error; that no vendor is there to answer is none of ours."""
    return [
        one for one in lines if one["log_level"] == "error" and one["event"] != "channel_fault"
    ]


class Hook:
    """One process with its webhook, on a loop of its own for as long as the test lasts."""

    def __init__(self, environ: dict[str, str]) -> None:
        given = environ | {
            "TELEGRAM_TOKEN": "1:rehearsal-x", "TELEGRAM_WEBHOOK_SECRET": SECRET,
            "TELEGRAM_API_URL": f"http://127.0.0.1:{free_port()}",
        }  # fmt: skip
        self.app = build(read_settings(given), least=0, synchronous="NORMAL")
        unhurried(self.app.loads)
        self.numbers = itertools.count(1_000_000)
        self.runner = asyncio.Runner()
        self.asgi = self.app.asgi(("hooks",), work=False)

    def post(self, body: bytes) -> int:
        return self.runner.run(self._post(body))

    async def _post(self, body: bytes) -> int:
        road = httpx2.ASGITransport(app=self.asgi)
        async with httpx2.AsyncClient(transport=road, base_url="http://127.0.0.1:8080") as web:
            answer = await web.post(PATH, content=body, headers={HEADER: SECRET})
        assert self.app.telegram is not None
        await self.app.telegram.intake.settle()
        return int(answer.status_code)

    def close(self) -> None:
        assert self.app.telegram is not None
        self.runner.run(self.app.telegram.close())
        self.runner.close()
        self.app.close()


@pytest.fixture
def hook(environ: dict[str, str]) -> Iterator[Hook]:
    made_ = Hook(environ)
    yield made_
    made_.close()


def test_a_real_payload_that_was_broken_anywhere_is_no_bug(hook: Hook):
    @settings(
        max_examples=200, deadline=None, derandomize=True, database=None,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(mutated())
    def broken(update: dict[str, Any]) -> None:
        if isinstance(update.get("update_id"), int) and 0 < update["update_id"] < 2**31:
            update["update_id"] = next(hook.numbers)
        body = json.dumps(update).encode("utf-8", "surrogatepass")
        with capture_logs() as lines:
            status = hook.post(body)
        assert status in {200, 400, 413, 503}, body[:2000]
        assert mistakes(lines) == [], body[:2000]

    broken()


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"null", b"[]", b'"x"', b"1e999", b"NaN", b"{}" * 2, b"\xff\xfe", b"\x00" * 100,
        b"[" * 100_000, b'{"a":' * 50_000, b'{"update_id":' + b"9" * 5000 + b"}",
        b'{"update_id":1,"update_id":2}', json.dumps({"update_id": 1, "message": DEEP}).encode(),
        b'{"update_id": 1e400}', b'{"update_id": NaN, "message": {}}', b"\xef\xbb\xbf{}",
        '{"update_id":1,"message":"\ud800"}'.encode("utf-8", "surrogatepass"),
    ],
)  # fmt: skip
def test_what_is_hardly_json_is_refused_and_no_bug(hook: Hook, body: bytes):
    with capture_logs() as lines:
        assert hook.post(body) in {200, 400}
    assert mistakes(lines) == []


@pytest.mark.emulator
async def test_who_knows_only_our_openapi_finds_no_bug(environ: dict[str, str], tmp_path: Path):
    """Schemathesis (PyPI) reads the document and tries what fits it, and what does not."""
    program = emulator_python().with_name("st")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    given_ = environ | {"JEOKGEUK_PORT": str(port), "JEOKGEUK_PUBLIC_URL": url}
    async with process(given_, "serve") as serve, httpx2.AsyncClient(base_url=url) as web:
        await answered(web, "/healthz", serve)
        tried = await asyncio.create_subprocess_exec(
            str(program), "run", f"{url}/api/openapi.json", "--phases", "examples,coverage,fuzzing",
            "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,"
            "response_schema_conformance,response_headers_conformance,unsupported_method",
            "--exclude-path", "/api/chat/events",  # a stream has no end to wait for
            "--max-examples", "5", "--max-time", "12", "--seed", "1", "--request-timeout", "20",
            "--no-color", "--warnings", "off", "--generation-database", "none",
            cwd=tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await asyncio.wait_for(tried.communicate(), 150)
        assert (await web.get("/readyz")).status_code == 200
    text = said.decode("utf-8", "replace")
    assert tried.returncode == 0, text[-6000:]
    found = re.search(r"Tested: +(\d+)", text)
    assert found is not None
    assert int(found[1]) >= 3
