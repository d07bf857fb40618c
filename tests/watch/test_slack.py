"""Slack as the agency sets it up: what doctor and `slack check` say, and the app's manifest."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.cli.doctor import slack
from bot.cli.doctor.finding import Finding
from bot.handlers.slack.events import SUBSCRIBED
from bot.handlers.slack.manifest import SCOPES
from bot.settings import read_settings
from tests.fakes.slack import FakeSlack, fake_slack

ROOM = "C0AUDIT"


@pytest.fixture
async def vendor() -> AsyncIterator[FakeSlack]:
    async with fake_slack() as made:
        yield made


def at_site(environ: dict[str, str], **own: object) -> dict[str, str]:
    """Give the agency settings of its own; they stand before the tables of the file."""
    site = Path(environ["JEOKGEUK_KEY_FILE"]).with_name("site.toml")
    lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in own.items())
    shipped = Path(environ["JEOKGEUK_SITE"]).read_text(encoding="utf-8")
    site.write_text(lines + shipped, encoding="utf-8")
    return environ | {"JEOKGEUK_SITE": str(site)}


def with_slack(environ: dict[str, str], fake: FakeSlack, **own: str) -> dict[str, str]:
    return at_site(environ, **own) | {
        "SLACK_BOT_TOKEN": fake.token,
        "SLACK_APP_TOKEN": "xapp-1",
        "SLACK_TEAM": fake.team,
        "SLACK_API_URL": fake.api_url.rstrip("/"),
    }


async def told(environ: dict[str, str]) -> list[Finding]:
    settings = read_settings(environ)
    return await asyncio.to_thread(lambda: list(slack.slack(settings)))


def faults(found: list[Finding]) -> list[str]:
    assert all(one.todo for one in found if one.mark == "fault")
    return [one.text for one in found if one.mark == "fault"]


async def test_an_app_as_it_should_be_is_well(environ, vendor):
    vendor.scopes = set(SCOPES)
    vendor.room(ROOM, "감사실", vendor.person("U0PARK", "park"))
    found = await told(with_slack(environ, vendor, slack_channel=ROOM))
    assert faults(found) == []
    assert [one.mark for one in found] == ["ok", "ok", "ok"]


async def test_without_a_room_it_says_what_that_means(environ, vendor):
    vendor.scopes = set(SCOPES)
    found = await told(with_slack(environ, vendor))
    assert found[-1].mark == "note"
    assert "개인 메시지" in found[-1].text


async def test_a_token_of_another_workspace_is_a_fault(environ, vendor):
    given = with_slack(environ, vendor) | {"SLACK_TEAM": "T0OTHER"}
    assert "다른 워크스페이스" in faults(await told(given))[0]


async def test_rights_that_lack_and_rights_that_are_too_many_are_named(environ, vendor):
    given = with_slack(environ, vendor)
    vendor.scopes = set(SCOPES) - {"users:read"}
    assert "users:read" in faults(await told(given))[0]
    vendor.scopes = set(SCOPES) | {"channels:history"}
    assert any("channels:history" in one.text for one in await told(given) if one.mark == "note")


@pytest.mark.parametrize("flags", [{"is_restricted": True}, {"team_id": "T0OTHER"}])
async def test_a_room_with_somebody_from_outside_is_a_fault(environ, vendor, flags):
    vendor.scopes = set(SCOPES)
    vendor.room(ROOM, "감사실", vendor.person("U0GUEST", "guest", **flags))
    assert "밖의 사람" in faults(await told(with_slack(environ, vendor, slack_channel=ROOM)))[0]


async def test_a_room_that_is_not_there_is_a_fault(environ, vendor):
    vendor.scopes = set(SCOPES)
    assert "방이 없거나" in faults(await told(with_slack(environ, vendor, slack_channel=ROOM)))[0]


async def test_a_token_that_was_taken_back_is_told_without_itself(environ, vendor):
    vendor.revoked = "token_revoked"
    (found,) = await told(with_slack(environ, vendor))
    assert "token_revoked" in found.text
    assert vendor.token not in found.line()


async def test_full_says_why(environ, vendor):
    own = {"slack": "full", "slack_reason": "감사실이 함께 읽습니다"}
    found = await told(with_slack(environ, vendor, **own))
    assert "감사실이 함께 읽습니다" in found[0].text


def test_without_a_token_nothing_is_asked(environ):
    (found,) = slack.slack(read_settings(environ))
    assert found.mark == "note"


def test_a_workspace_without_a_token_is_said(environ):
    (found,) = slack.slack(read_settings(environ | {"SLACK_TEAM": "T0GAON"}))
    assert "SLACK_BOT_TOKEN" in found.todo


def written(environ: dict[str, str], *options: str) -> dict:
    result = CliRunner().invoke(app, ["slack", "manifest", *options], env=environ)
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def test_the_manifest_asks_for_what_is_used_and_takes_korean_commands(environ):
    made = written(at_site(environ, slack_aliases=["/민원"]))
    assert [one["command"] for one in made["features"]["slash_commands"]] == ["/civic", "/민원"]
    assert made["oauth_config"]["scopes"]["bot"] == list(SCOPES)
    assert made["settings"]["event_subscriptions"]["bot_events"] == list(SUBSCRIBED)
    assert made["settings"]["socket_mode_enabled"] is True
    assert "url" not in json.dumps(made)


def test_the_manifest_for_requests_names_the_desk_s_address(environ):
    made = written(environ, "--http")
    asked = made["settings"]["interactivity"]["request_url"]
    assert asked.endswith("/slack/events")
    assert made["settings"]["event_subscriptions"]["request_url"] == asked
    assert made["features"]["slash_commands"][0]["url"] == asked
    assert made["settings"]["socket_mode_enabled"] is False
