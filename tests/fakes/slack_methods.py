"""The methods of the fake Slack's Web API (docs.slack.dev/reference/methods)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.fakes import slack_rules as rules
from tests.fakes.slack_errors import JSON, Bad, Call

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes.slack import FakeSlack
    from tests.fakes.slack_people import Room, Shown, View

SCOPES = {
    "chat.postMessage": "chat:write", "chat.update": "chat:write", "chat.delete": "chat:write",
    "chat.postEphemeral": "chat:write", "conversations.open": "im:write",
    "conversations.info": "groups:read", "conversations.members": "groups:read",
    "users.info": "users:read", "files.getUploadURLExternal": "files:write",
    "files.completeUploadExternal": "files:write", "files.info": "files:read",
}  # fmt: skip
PAGE = 100


class Methods:
    """What each method does; raises `Bad` in Slack's own words."""

    def __init__(self, fake: FakeSlack) -> None:
        self._fake = fake
        self._known: dict[str, Callable[[JSON], JSON]] = {
            "auth.test": self._auth,
            "api.test": lambda params: {},
            "apps.connections.open": lambda params: {"url": fake.open_socket()},
            "chat.postMessage": self._post,
            "chat.postEphemeral": self._whisper,
            "chat.update": self._update,
            "chat.delete": self._delete,
            "conversations.open": self._open,
            "conversations.info": self._info,
            "conversations.members": self._members,
            "users.info": self._user,
            "views.open": self._view_open,
            "views.push": self._view_push,
            "views.update": self._view_update,
            "views.publish": self._publish,
            "files.getUploadURLExternal": self._upload,
            "files.completeUploadExternal": self._uploaded,
        }

    def do(self, call: Call) -> JSON:
        if call.method not in self._known:
            raise Bad("unknown_method", req_method=call.method)
        return self._known[call.method](call.params)

    def _auth(self, params: JSON) -> JSON:
        made = {"url": "https://gaon.slack.example/", "team": "가온시", "user": "jeokgeuk"}
        enterprise = {"enterprise_id": self._fake.enterprise} if self._fake.enterprise else {}
        ids = {"team_id": self._fake.team, "user_id": "UBOT", "bot_id": "B1"}
        return made | ids | enterprise | {"is_enterprise_install": False}

    # ---- rooms

    def _place(self, account: Any) -> Room:
        """Find where to write: a room that we are in, or a person who is here."""
        if not isinstance(account, str):
            raise Bad("channel_not_found")
        if account in self._fake.people:
            person = self._fake.people[account]
            if person.flags["deleted"]:
                raise Bad("user_disabled")
            if person.flags["is_bot"]:
                raise Bad("cannot_dm_bot")
            return self._fake.direct(account)
        room = self._fake.rooms.get(account)
        if room is None or room.deleted:
            raise Bad("channel_not_found")
        if room.im is not None:
            return self._place(room.im)
        # A private room that we are not in is as good as none (chat.postMessage, errors).
        if "UBOT" not in room.members:
            raise Bad("channel_not_found" if room.private else "not_in_channel")
        return room

    def _writable(self, account: Any) -> Room:
        room = self._place(account)
        if room.archived:
            raise Bad("is_archived")
        return room

    def _open(self, params: JSON) -> JSON:
        account = str(params.get("users", ""))
        if account not in self._fake.people:
            raise Bad("user_not_found")
        return {"channel": {"id": self._place(account).id}}

    def _info(self, params: JSON) -> JSON:
        return {"channel": self._place(params.get("channel")).info()}

    def _members(self, params: JSON) -> JSON:
        members = self._place(params.get("channel")).members
        start, most = int(params.get("cursor") or 0), min(int(params.get("limit", PAGE)), PAGE)
        following = str(start + most) if start + most < len(members) else ""
        return {
            "members": members[start : start + most],
            "response_metadata": {"next_cursor": following},
        }

    def _user(self, params: JSON) -> JSON:
        person = self._fake.people.get(str(params.get("user")))
        if person is None:
            raise Bad("user_not_found")
        return {"user": person.profile}

    # ---- messages

    def _post(self, params: JSON) -> JSON:
        room = self._writable(params.get("channel"))
        rules.check_message(params)
        thread = params.get("thread_ts")
        if thread is not None and thread not in room.messages:
            raise Bad("thread_not_found")
        if thread is not None and room.messages[thread].thread is not None:
            raise Bad("cannot_reply_to_message")
        self._fake.rates.post(room.id, self._fake.clock)
        shown = self._fake.say(room, params, thread=thread)
        return self._told(shown)

    def _whisper(self, params: JSON) -> JSON:
        room = self._writable(params.get("channel"))
        if params.get("user") not in room.members:
            raise Bad("user_not_in_channel")
        rules.check_message({"unfurl_links": False, "unfurl_media": False, **params})
        return {"message_ts": self._fake.say(room, params, to=params["user"]).ts}

    def _update(self, params: JSON) -> JSON:
        room = self._writable(params.get("channel"))
        if not str(params["channel"]).startswith(("C", "D", "G")):
            raise Bad("channel_not_found")  # a message has its place in a room, not in a person
        rules.check_message({"unfurl_links": False, "unfurl_media": False, **params})
        shown = self._message(room, params)
        # "If you don't include this field, the message's previous blocks will be retained."
        self._fake.fill(shown, {"blocks": shown.blocks, **params})
        shown.edits += 1
        return self._told(shown)

    def _delete(self, params: JSON) -> JSON:
        room = self._writable(params.get("channel"))
        shown = self._message(room, params)
        del room.messages[shown.ts]
        return {"channel": room.id, "ts": shown.ts}

    @staticmethod
    def _message(room: Room, params: JSON) -> Shown:
        shown = room.messages.get(str(params.get("ts")))
        if shown is None or shown.to is not None:
            raise Bad("message_not_found")
        return shown

    @staticmethod
    def _told(shown: Shown) -> JSON:
        return {"channel": shown.room, "ts": shown.ts, "message": {"text": shown.text}}

    # ---- views

    def _view_open(self, params: JSON) -> JSON:
        person = self._fake.take_trigger(str(params.get("trigger_id")))
        self._must_be_modal(params)
        person.stack.clear()
        return self._viewed(self._fake.push(person, params["view"]))

    def _view_push(self, params: JSON) -> JSON:
        person = self._fake.take_trigger(str(params.get("trigger_id")))
        self._must_be_modal(params)
        return self._viewed(self._fake.push(person, params["view"]))

    def _view_update(self, params: JSON) -> JSON:
        named = {params.get("view_id")} - {None}
        wanted = params.get("external_id")
        for person in self._fake.people.values():
            for view in person.stack:
                if view.id in named or (wanted and view.body.get("external_id") == wanted):
                    if params.get("hash", view.hash) != view.hash:
                        raise Bad("hash_conflict")
                    self._must_be_modal(params)
                    self._fake.put(view, params["view"])
                    return self._viewed(view)
        raise Bad("not_found")

    def _publish(self, params: JSON) -> JSON:
        person = self._fake.people.get(str(params.get("user_id")))
        if person is None:
            raise Bad("invalid_arguments")
        if params["view"].get("type") != "home":
            raise Bad("invalid_arguments")
        if person.home is None:
            person.home = self._fake.view(params["view"])
        else:
            if params.get("hash", person.home.hash) != person.home.hash:
                raise Bad("hash_conflict")
            self._fake.put(person.home, params["view"])
        return self._viewed(person.home)

    @staticmethod
    def _must_be_modal(params: JSON) -> None:
        if not isinstance(params.get("view"), dict) or params["view"].get("type") != "modal":
            raise Bad("invalid_arguments")

    def _viewed(self, view: View) -> JSON:
        return {"view": view.payload(self._fake)}

    # ---- files

    def _upload(self, params: JSON) -> JSON:
        number, length = f"F{self._fake.next('file'):06}", int(params["length"])
        if not params.get("filename") or length <= 0:
            raise Bad("invalid_arguments")
        self._fake.files[number] = {"length": length, "alt": params.get("alt_txt", "")}
        return {"file_id": number, "upload_url": f"{self._fake.url}/upload/{number}"}

    def _uploaded(self, params: JSON) -> JSON:
        account = str(params.get("channel_id"))
        if not account.startswith(("C", "D", "G")):
            raise Bad("channel_not_found")
        room = self._writable(account)
        files = [self._fake.files.get(one["id"]) for one in params["files"]]
        if not files or any(one is None or "data" not in one for one in files):
            raise Bad("file_not_found")
        self._fake.rates.post(room.id, self._fake.clock)
        text = params.get("initial_comment", "")
        shown = self._fake.say(room, {"text": text or "…"}, thread=params.get("thread_ts"))
        shown.file = files[0]["data"] if files[0] else None
        return {"files": [{"id": one["id"], "title": one.get("title")} for one in params["files"]]}
