"""The image and the compose file name only what there is, and give each part the least it needs."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.app import PARTS
from bot.cli import app
from bot.errors import BadStart
from bot.settings import SECRETS, Settings, read_settings
from tests.needs import emulator_python

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("public", "desk", "work", "migrate")
NAMES = {name.upper() for name in Settings.model_fields} - {"SITE"}
NAMES |= {f"{name.upper()}_FILE" for name in SECRETS} | {"HEALTH_PORT"}
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """Read the file by PyYAML, which lives beside the emulators and not beside the service."""
    python = emulator_python()
    script = "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))"
    done = subprocess.run(
        [python, "-c", script, str(ROOT / "compose.yaml")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.emulator
@pytest.mark.parametrize("name", SERVICES)
def test_each_service_is_as_narrow_as_it_can_be(compose, name):
    one = compose["services"][name]
    assert one["read_only"] is True
    assert one["cap_drop"] == ["ALL"]
    assert one["security_opt"] == ["no-new-privileges:true"]
    assert one["user"] == "10001:10001"
    assert "privileged" not in one
    assert "cap_add" not in one
    assert all("noexec" in place for place in one["tmpfs"])
    assert int(one["stop_grace_period"].removesuffix("s")) > 20 + 15  # uvicorn, then one send


@pytest.mark.emulator
def test_every_setting_is_one_that_we_know(compose):
    for name in SERVICES:
        given = compose["services"][name]["environment"]
        assert set(given) <= NAMES, set(given) - NAMES
        for variable, value in given.items():
            for secret in re.findall(r"/run/secrets/(\w+)", str(value)):
                assert secret in compose["services"][name]["secrets"], variable


@pytest.mark.emulator
def test_every_secret_is_a_file_and_no_value_stands_in_the_environment(compose):
    for one in compose["services"].values():
        assert set(one["secrets"]) <= set(compose["secrets"])
        plain = {name for name in one["environment"] if name.lower() in SECRETS}
        assert plain == set()
    assert all(set(one) == {"file"} for one in compose["secrets"].values())


@pytest.mark.emulator
def test_every_command_exists_and_all_parts_are_served_once(compose):
    served = []
    for name in SERVICES:
        command = compose["services"][name]["command"]
        done = CliRunner().invoke(app, [command[0], "--help"])
        assert done.exit_code == 0, command
        if command[0] == "serve":
            served += command[2].split(",")
    assert sorted(served) == sorted(PARTS)
    assert compose["services"]["work"]["deploy"]["replicas"] == 2


@pytest.mark.emulator
def test_the_public_part_has_no_key_of_the_desk_and_meets_it_only_at_the_database(compose):
    services, networks = compose["services"], compose["networks"]
    assert "desk_keys" not in services["public"]["secrets"]
    assert "desk_keys" not in services["migrate"]["secrets"]
    shared = set(services["public"]["networks"]) & set(services["desk"]["networks"])
    assert shared == {"data"}
    assert networks["data"]["internal"] is True
    assert services["database"]["networks"] == ["data"]
    owners = [name for name in SERVICES if "database_owner" in services[name]["secrets"]]
    assert owners == ["migrate"]
    urls = [services[name]["environment"]["DATABASE_URL_FILE"] for name in SERVICES]
    assert len(set(urls)) == 4
    assert all(port.startswith(("127.0.0.1:", "${")) for name in ("public", "desk")
               for port in services[name]["ports"])  # fmt: skip


@pytest.mark.emulator
def test_what_a_service_waits_for_is_there(compose):
    for one in compose["services"].values():
        for name, how in one.get("depends_on", {}).items():
            other = compose["services"][name]
            if how["condition"] == "service_healthy":
                assert "healthcheck" in other
            else:
                assert other["restart"] == "no"


def test_the_image_is_no_root_and_has_no_tools_in_it():
    last = DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]
    assert re.search(r"^USER 10001$", last, re.MULTILINE)
    assert re.search(r"^STOPSIGNAL SIGTERM$", last, re.MULTILINE)
    assert "HEALTHCHECK" in last
    assert "/healthz" in last
    assert "pip install" not in last
    assert "pip uninstall --yes setuptools wheel pip" in last
    assert "apt-get" not in DOCKERFILE


def test_the_image_copies_what_there_is_and_all_that_is_a_package():
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    names = {name for line in copied for name in line.split()}
    assert all((ROOT / name).exists() for name in names)
    assert names >= {"bot", "knowledge", "storage", "requirements/service.txt"}
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert ignored[0] == "*"
    assert {f"!{name}" for name in names} <= set(ignored)


SETTING = "telegram_token"


def test_a_secret_may_lie_in_a_file(environ, tmp_path):
    path = tmp_path / "token"
    path.write_text("1:rehearsal-x\n")
    given = environ | {"TELEGRAM_MODE": "poll", "TELEGRAM_API_URL": "http://127.0.0.1:9"}
    found = read_settings(given | {"TELEGRAM_TOKEN_FILE": str(path)})
    assert found.telegram_token is not None
    assert found.telegram_token.get_secret_value() == "1:rehearsal-x"
    assert "1:rehearsal-x" in found.secrets()
    path.write_text("\n")
    assert read_settings(given | {"TELEGRAM_TOKEN_FILE": str(path)}).telegram_token is None


@pytest.mark.parametrize(
    ("content", "more", "reason"),
    [
        (None, {}, "그런 폴더나 파일이 없습니다"),
        (b"\xff\xfe", {}, "UTF-8"),
        (b"1:rehearsal-x", {"TELEGRAM_TOKEN": "1:rehearsal-y"}, "둘 중 하나만"),
    ],
)
def test_a_file_of_a_secret_that_is_wrong_is_named(environ, tmp_path, content, more, reason):
    path = tmp_path / "token"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadStart, match=f"TELEGRAM_TOKEN_FILE.*{reason}"):
        read_settings(environ | {"TELEGRAM_TOKEN_FILE": str(path)} | more)
