"""Who speaks to us, by what a payload says: our own workspace and nobody else's (S29)."""

from typing import Any

import pytest

from bot.handlers.slack.asking import Asker, Place

ALONE, BELOW = Place("T0GAON"), Place("E0GRID:T0GAON")


def pressed(team: str = "T0GAON", own: str | None = "T0GAON", above: Any = None) -> dict[str, Any]:
    user = {"id": "U0KIM"} | ({"team_id": own} if own else {})
    return {"team": {"id": team}, "enterprise": above, "user": user}


def test_a_command_names_its_workspace_and_its_person() -> None:
    body = {"team_id": "T0GAON", "user_id": "U0KIM"}
    assert ALONE.asker(body) == Asker("T0GAON", "U0KIM")
    assert ALONE.asker(body | {"team_id": "T0OTHER"}) is None
    assert ALONE.asker({"team_id": "T0GAON"}) is None


@pytest.mark.parametrize(
    ("place", "body", "known"),
    [
        (ALONE, pressed(), True),
        (ALONE, pressed(own=None), True),
        (ALONE, pressed(own="T0OTHER"), False),
        (ALONE, pressed(team="T0OTHER"), False),
        (ALONE, pressed(above={"id": "E0GRID"}), False),
        (ALONE, {}, False),
        (BELOW, pressed(above={"id": "E0GRID"}), True),
        (BELOW, pressed(above={"id": "E0OTHER"}), False),
        (BELOW, pressed(own="E0GRID"), True),
        (BELOW, pressed(own="T0OTHER"), False),
        (BELOW, pressed(team="T0OTHER", above={"id": "E0GRID"}), False),
    ],
)
def test_a_press_counts_only_from_our_workspace_by_one_of_its_own(
    place: Place, body: dict[str, Any], known: bool
) -> None:
    assert (place.asker(body) is not None) is known


def test_an_event_names_its_enterprise_where_it_has_one() -> None:
    event = {"team_id": "T0GAON", "authorizations": [{"enterprise_id": "E0GRID"}]}
    assert BELOW.here(event)
    assert not ALONE.here(event)
    assert ALONE.here({"team_id": "T0GAON", "authorizations": [{"enterprise_id": None}]})
    assert ALONE.here({"team_id": "T0GAON", "authorizations": []})


@pytest.mark.parametrize(
    ("user", "why"),
    [
        ({"team_id": "T0GAON"}, None),
        ({"team_id": "T0OTHER"}, "external"),
        ({}, "external"),
        ({"team_id": "T0GAON", "is_stranger": True}, "external"),
        ({"team_id": "T0GAON", "is_bot": True}, "external"),
        ({"team_id": "T0GAON", "is_restricted": True}, "guest"),
        ({"team_id": "T0OTHER", "deleted": True}, "deactivated"),
    ],
)
def test_an_account_is_whole_or_slack_says_why_not(user: dict[str, Any], why: str | None) -> None:
    assert ALONE.why_not(user) == why


def test_in_an_enterprise_a_colleague_of_another_workspace_is_one_of_us() -> None:
    user = {"team_id": "T0OTHER", "enterprise_user": {"enterprise_id": "E0GRID"}}
    assert BELOW.why_not(user) is None
    assert ALONE.why_not(user) == "external"
