"""Logs without personal data or secrets (security S37): what may be written, and what is."""

import ast
import asyncio
import json
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx2

from bot.settings import read_settings
from storage.crypto import new_key_text
from tests.documents import made
from tests.watch.test_stopping import answered, free_port, process

ROOT = Path(__file__).resolve().parents[2]
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
EVENT = re.compile(r"[a-z][a-z0-9_.]*")
MARKS = (
    "홍길동표시",
    "hong-mark@example.com",
    "010-9876-5432",
    "880508-1234567",
    "가온시 표시로 77",
)


class Patient(httpx2.AsyncHTTPTransport):
    """Asks once more where it was turned away: on a busy machine the door does that (S20)."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        while True:
            answer = await super().handle_async_request(request)
            if answer.status_code != 503 or "retry-after" not in answer.headers:
                return answer
            await answer.aclose()
            await asyncio.sleep(0.5)


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Give every call that writes a log line, with its place."""
    for path in sorted((ROOT / "bot").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if "bench" in path.parts or "log" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            owner = node.func.value
            named = isinstance(owner, ast.Name) and owner.id in {"_log", "log", "logger"}
            if named and node.func.attr in LEVELS:
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def test_every_line_has_a_constant_name_and_plain_values():
    wrong = []
    for place, call in calls():
        first = call.args[0] if call.args else None
        if not (isinstance(first, ast.Constant) and EVENT.fullmatch(str(first.value))):
            wrong.append(place)
        texts = [one.value for one in call.keywords if isinstance(one.value, ast.JoinedStr)]
        texts += [one.value for one in call.keywords if _is_message(one.value)]
        if texts or len(call.args) > 1:
            wrong.append(f"{place}: a built text may carry somebody's words")
    assert wrong == []


def _is_message(value: ast.expr) -> bool:
    """Tell `str(error)` and `repr(error)`: libraries quote what they choked on."""
    called = isinstance(value, ast.Call) and isinstance(value.func, ast.Name)
    return called and value.func.id in {"str", "repr"}  # type: ignore[attr-defined]


def test_lines_are_written_at_all():
    assert len(list(calls())) > 30


def test_every_secret_that_lies_in_a_file_is_known_to_the_redactor(environ, tmp_path):
    site = tmp_path / "site.toml"
    secret = tmp_path / "oidc"
    secret.write_text("oidc-secret-of-the-agency")
    secret.chmod(0o600)
    text = Path(environ["JEOKGEUK_SITE"]).read_text(encoding="utf-8")
    site.write_text(
        f'{text}\n[oidc]\nissuer = "https://sso.gaon.example"\nclient_id = "x"\n'
        f'label = "가온"\nsecret_file = "{secret}"\n',
        encoding="utf-8",
    )
    known = read_settings(environ | {"JEOKGEUK_SITE": str(site)}).secrets()
    assert "oidc-secret-of-the-agency" in known
    assert set(Path(environ["JEOKGEUK_KEY_FILE"]).read_text().split()) <= set(known)
    gone = environ | {"JEOKGEUK_KEY_FILE": str(tmp_path / "nothing")}
    assert read_settings(gone).secrets() == ()


async def test_a_process_that_tells_everything_tells_nothing_of_anybody(environ):
    """The log at its loudest, while somebody reports, uploads, looks up and errs."""
    port = free_port()
    key = new_key_text()
    given = environ | {"JEOKGEUK_PORT": str(port), "JEOKGEUK_LOG": "debug", "JEOKGEUK_KEYS": key}
    given.pop("JEOKGEUK_KEY_FILE")
    url = f"http://127.0.0.1:{port}"
    said = " ".join(MARKS)
    async with (
        process(given, "serve") as serve,
        httpx2.AsyncClient(base_url=url, transport=Patient(), timeout=60) as web,
    ):
        await answered(web, "/healthz", serve)
        begun = await web.post("/api/chat", json={"id": "1", "command": "passive_report"})
        secret = begun.json()["conversation"]
        web.headers["authorization"] = f"Bearer {secret}"
        for number in range(4):
            await web.post("/api/chat", json={"id": f"a{number}", "text": said})
        await web.post(
            "/api/chat/files",
            data={"id": "f", "text": said},
            files={"files": (f"{MARKS[0]}.jpg", made.picture("JPEG"))},
        )
        await web.post("/api/chat/files", data={"id": "g"}, files={"files": ("x", b"MZ\0")})
        await web.post("/status", data={"number": MARKS[0], "code": MARKS[3]})
        await web.get(f"/status?number={MARKS[0]}")
        await web.get(f"/{MARKS[0]}/{MARKS[1]}")
        await web.post("/api/chat", content=f'{{"id": "{said}"'.encode())
        await web.post("/desk/", data={"login": MARKS[1], "password": MARKS[2]})
        figures = (await web.get("/metrics")).text + (await web.get("/readyz")).text
        serve.send_signal(signal.SIGTERM)
        assert serve.stderr is not None
        text = (await asyncio.wait_for(serve.stderr.read(), 60)).decode()
    lines = [json.loads(line) for line in text.splitlines() if line.strip()]
    assert len(lines) > 10
    assert {"event", "level", "timestamp"} <= set.intersection(*map(set, lines))
    for mark in (*MARKS, secret, key):
        assert mark not in text, mark
        assert mark not in figures, mark
    for part in ("9876", "1234567"):  # what stands behind a point may be any digits
        assert part not in re.sub(r"\d\.\d+", "", text + figures), part
    told = [line for line in text.splitlines() if '"event": "serving"' not in line]  # our own door
    assert "127.0.0.1" not in "".join(told)  # where somebody comes from is nobody's business (S1)
