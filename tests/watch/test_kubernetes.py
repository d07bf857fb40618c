"""The manifests name only what there is, and give each part the least it needs."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.app import PARTS
from bot.cli import app
from bot.settings import NEEDED, SECRETS
from tests.needs import emulator_python
from tests.watch.test_containers import NAMES

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy" / "kubernetes"
FOUND = ("public", "desk", "work")
EVERY = (*FOUND, "migrate")
CLOSED = {"keys", "database_url", "telegram_token", "telegram_webhook_secret"}
OPENS = {
    "public": set(),
    "migrate": set(),
    "desk": {"desk_keys"},
    "work": {"desk_keys", "smtp_url"},
}
"""What each part has beside what all of them have."""

pytestmark = pytest.mark.emulator


@pytest.fixture(scope="module")
def manifests() -> dict[tuple[str, str], Any]:
    """Read them by PyYAML, which lives beside the emulators and not beside the service."""
    script = (
        "import json, pathlib, sys, yaml; print(json.dumps([one for path in "
        "sorted(pathlib.Path(sys.argv[1]).glob('*.yaml')) for one in yaml.safe_load_all(path.open())]))"
    )
    done = subprocess.run(
        [emulator_python(), "-c", script, str(FOLDER)], capture_output=True, text=True, check=True
    )
    return {(one["kind"], one["metadata"]["name"]): one for one in json.loads(done.stdout)}


def pod(manifests: dict[tuple[str, str], Any], part: str) -> Any:
    kind = "Job" if part == "migrate" else "Deployment"
    return manifests[kind, part]["spec"]["template"]["spec"]


def environment(manifests: dict[tuple[str, str], Any], part: str) -> dict[str, str]:
    (one,) = pod(manifests, part)["containers"]
    (source,) = one["envFrom"]
    shared = manifests["ConfigMap", source["configMapRef"]["name"]]["data"]
    return shared | {own["name"]: own["value"] for own in one.get("env", [])}


def handed_out() -> Iterator[tuple[str, set[str]]]:
    """Read from the page which secrets each part is given."""
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    common = set(re.findall(r"--from-file=(\w+)", re.findall(r'common="(.*)"', text)[0]))
    for part, rest in re.findall(r"create secret generic jeokgeuk-(\w+) +\$common (.*)", text):
        yield part, common | set(re.findall(r"--from-file=(\w+)", rest))


def test_every_setting_is_one_that_we_know_and_none_that_is_needed_is_missing(manifests):
    for part in EVERY:
        given = environment(manifests, part)
        assert set(given) <= NAMES, set(given) - NAMES
        assert {name.upper() for name in NEEDED} <= set(given)
        assert not {name for name in given if name.lower() in SECRETS}


def test_each_part_gets_its_own_secrets_and_no_more(manifests):
    told = dict(handed_out())
    assert set(told) == set(EVERY)
    for part in EVERY:
        (volume,) = [one for one in pod(manifests, part)["volumes"] if one["name"] == "secrets"]
        assert volume["secret"]["secretName"] == f"jeokgeuk-{part}"
        assert volume["secret"]["defaultMode"] == 0o440
        assert told[part] == CLOSED | OPENS[part]
        named = re.findall(r"/run/secrets/(\w+)", " ".join(environment(manifests, part).values()))
        assert set(named) <= told[part]


def test_every_pod_is_as_narrow_as_it_can_be(manifests):
    for part in EVERY:
        found = pod(manifests, part)
        (one,) = found["containers"]
        assert found["securityContext"]["runAsNonRoot"] is True
        assert found["securityContext"]["runAsUser"] == 10001
        assert found["automountServiceAccountToken"] is False
        assert one["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert not one["image"].endswith(":latest")
        assert "memory" in one["resources"]["limits"]
        assert {mount["name"] for mount in one["volumeMounts"]} == {
            volume["name"] for volume in found["volumes"]
        }


def test_every_command_exists_and_all_parts_are_served_once(manifests):
    served = []
    for part in EVERY:
        (one,) = pod(manifests, part)["containers"]
        done = CliRunner().invoke(app, [one["args"][0], "--help"])
        assert done.exit_code == 0, one["args"]
        if one["args"][0] == "serve":
            served += one["args"][2].split(",")
    assert sorted(served) == sorted(PARTS)


@pytest.mark.parametrize("part", FOUND)
def test_a_part_is_asked_where_it_listens_and_one_at_a_time_may_be_taken_away(manifests, part):
    deployment = manifests["Deployment", part]
    (one,) = pod(manifests, part)["containers"]
    given = environment(manifests, part)
    settings = {
        "public": "JEOKGEUK_PORT",
        "desk": "JEOKGEUK_DESK_PORT",
        "work": "JEOKGEUK_WORK_PORT",
    }
    (port,) = one["ports"]
    assert str(port["containerPort"]) == given.get(settings[part], "8080")
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert one[probe]["httpGet"] == {"path": "/healthz", "port": port["name"]}
    budget = manifests["PodDisruptionBudget", part]["spec"]
    assert budget["selector"]["matchLabels"] == deployment["spec"]["selector"]["matchLabels"]
    assert budget["minAvailable"] == deployment["spec"]["replicas"] - 1 >= 1
    assert deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert (
        pod(manifests, part)["terminationGracePeriodSeconds"] > 5 + 20 + 15
    )  # hook, uvicorn, a send


def test_public_and_inside_meet_nowhere_and_nothing_is_open_that_is_not_named(manifests):
    rules = {
        name: one["spec"] for (kind, name), one in manifests.items() if kind == "NetworkPolicy"
    }
    assert rules["nothing"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    gates = {}
    for part in FOUND:
        assert rules[part]["podSelector"]["matchLabels"] == {"app": "jeokgeuk", "part": part}
        (way,) = rules[part]["ingress"]
        (one,) = pod(manifests, part)["containers"]
        assert [rule["port"] for rule in way["ports"]] == [one["ports"][0]["containerPort"]]
        gates[part] = {
            label for source in way["from"] if "namespaceSelector" in source
            for label in source["namespaceSelector"]["matchLabels"].values()
        }  # fmt: skip
    assert gates == {"public": {"outside"}, "desk": {"inside"}, "work": set()}
    assert "egress" not in rules["desk"]
    for part in ("public", "work"):
        block = rules[part]["egress"][0]["to"][0]["ipBlock"]
        assert {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"} <= set(block["except"])


def test_the_page_names_the_files_there_are():
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\d\d-[a-z]+\.yaml", text)) == {
        path.name for path in FOLDER.glob("*.yaml")
    }
