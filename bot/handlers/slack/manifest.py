"""The app as Slack wants it described (docs.slack.dev/reference/app-manifest)."""

from collections.abc import Sequence
from typing import Any, Final

from bot.dialogs.replies import Phrase
from bot.handlers.slack.blocks import Speak, line, short
from bot.handlers.slack.events import SUBSCRIBED
from bot.handlers.slack.transport import PATH

COMMAND: Final = "/civic"
COMMANDS: Final = 50  # slash commands of one app
NAME: Final = 35
SAID: Final = 140
HINT: Final = 1000

SCOPES: Final = (
    "channels:read",  # to be told when a room changes
    "chat:write",
    "commands",
    "files:write",  # pictures
    "groups:read",  # who is in the room
    "im:write",
    "users:read",  # whose account is whole
)
"""What the bot may do: it reads nobody's messages."""


def manifest(speak: Speak, aliases: Sequence[str] = (), desk_url: str = "") -> dict[str, Any]:
    """Describe the app; with `desk_url` Slack sends signed requests there, else sockets are used.

    Raises `ValueError` for more commands than Slack takes.
    """
    names = dict.fromkeys((COMMAND, *aliases))
    if len(names) > COMMANDS:
        raise ValueError("more commands than Slack takes")
    asked = f"{desk_url.rstrip('/')}{PATH}" if desk_url else ""
    said = {key: line(speak(Phrase(f"slack.manifest.{key}"))) for key in ("name", "about", "hint")}
    events: dict[str, Any] = {"bot_events": list(SUBSCRIBED)}
    pressed: dict[str, Any] = {"is_enabled": True}
    if asked:
        events["request_url"] = asked
        pressed |= {"request_url": asked, "message_menu_options_url": asked}
    return {
        "_metadata": {"major_version": 1, "minor_version": 1},
        "display_information": {
            "name": short(said["name"], NAME),
            "description": short(said["about"], SAID),
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": True,
            },
            "bot_user": {"display_name": short(said["name"], NAME), "always_online": True},
            "slash_commands": [
                {
                    "command": name,
                    "description": short(said["about"], SAID),
                    "usage_hint": short(said["hint"], HINT),
                    "should_escape": False,
                    **({"url": asked} if asked else {}),
                }
                for name in names
            ],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": events,
            "interactivity": pressed,
            "org_deploy_enabled": False,
            "socket_mode_enabled": not asked,
            "token_rotation_enabled": False,
        },
    }
