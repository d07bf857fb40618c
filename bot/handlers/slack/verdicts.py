"""What Slack's answer means for a row of the outbox (security S10, S12). Pure.

Only Slack's own JSON is a verdict on a row, a person or a room. Everything else is a fault of the
channel (`Later` with `fault`: nobody is blamed) or no verdict at all (`Unknown`). The names of
errors are those of docs.slack.dev/reference/methods/chat.postMessage and its neighbours.
"""

from collections.abc import Mapping
from typing import Final

from slack_sdk.errors import SlackApiError, SlackClientError

from bot.channel import Delivery, Later, Never, Unknown
from bot.handlers.slack.client import NotSent, NotVendor, NoVerdict, TooMany

GONE: Final = frozenset({
    "channel_not_found", "is_archived", "is_inactive", "not_in_channel", "user_not_found",
    "users_not_found", "user_disabled", "user_not_visible", "cannot_dm_bot",
})  # fmt: skip
"""The room or the person: deleted, archived, deactivated, or the bot was put out."""

NO_MESSAGE: Final = frozenset({
    "message_not_found", "cant_update_message", "edit_window_closed", "cant_delete_message",
    "compliance_exports_prevent_deletion",
})  # fmt: skip
"""The message that was to be edited or deleted is not there, or not to be touched any more."""

NO_THREAD: Final = frozenset({
    "thread_not_found", "invalid_thread_ts", "cannot_reply_to_message",
    "restricted_action_thread_locked", "restricted_action_non_threadable_channel",
})  # fmt: skip

FORBIDDEN: Final = frozenset({
    "restricted_action", "restricted_action_read_only_channel",
    "restricted_action_thread_only_channel", "messages_tab_disabled",
    "slack_connect_file_link_sharing_blocked", "slack_connect_canvas_sharing_blocked",
})  # fmt: skip
"""Not for us in this room: nobody else's trouble."""

OURS: Final = frozenset({
    "invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive",
    "missing_scope", "no_permission", "not_allowed_token_type", "org_login_required",
    "two_factor_setup_required", "access_denied", "accesslimited", "ekm_access_denied",
    "enterprise_is_restricted", "team_access_not_granted", "team_not_found",
    "team_added_to_org",
})  # fmt: skip
"""Our token or our app: no word on a row. `doctor` and the log name it to the operator."""

AWAY: Final = "service_unavailable"
PATIENCE: Final = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
NOT_TAKEN: Final = "request_timeout"
"""What we wrote did not arrive whole."""

PERHAPS: Final = frozenset({"internal_error", "fatal_error"})
"""Slack's own trouble; "it's possible some aspect of the operation succeeded"."""

NO_ANSWER: Final = Later(30.0, counts=False, fault="timeout")
"""What may be done twice is done again: nothing is known of the row and everything of the road."""


class Unanswered(SlackClientError):  # noqa: N818 - says what is known
    """No verdict on what may be done twice, as an edit may."""


def error_of(error: SlackApiError) -> str:
    """Give the name of Slack's refusal; nothing else of its answer is ever used."""
    return str(error.response.get("error", ""))


def verdict(error: SlackClientError) -> Delivery:
    """Tell what an error means for a message that was being posted."""
    if isinstance(error, SlackApiError):
        # Our layout, or a word that is new: once more as plain words, and then it is over (S10).
        return _MEANING.get(error_of(error), Never("bad_request"))
    return _of_the_road(error)


def _of_the_road(error: SlackClientError) -> Delivery:
    match error:
        case TooMany():
            return Later(error.seconds, counts=False)
        case NotSent():
            return Later(10.0, counts=False, fault="network")
        case NotVendor():
            return Later(30.0, counts=False, fault=f"http_{error.code}")
        case Unanswered():
            return NO_ANSWER
        case NoVerdict():
            return Unknown()
    return Never("bad_request")  # the library would not send it


def probed(error: SlackClientError) -> Delivery:
    """Tell what an error means for a message of which nothing was written yet."""
    found = verdict(error)
    return found if isinstance(found, Later) and not found.counts else NO_ANSWER


_MEANING: Final[Mapping[str, Delivery]] = {
    **dict.fromkeys(GONE, Never("gone", peer_gone=True)),
    **dict.fromkeys(FORBIDDEN, Never("forbidden")),
    **dict.fromkeys(PATIENCE, Later(30.0, counts=False)),
    NOT_TAKEN: Later(10.0),
    **dict.fromkeys(PERHAPS, Unknown()),
    **{name: Later(30.0, counts=False, fault=name) for name in (*OURS, AWAY)},
}
