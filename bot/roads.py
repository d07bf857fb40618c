"""The roads out: which there are is said by the settings."""

import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.channel import Channel
from bot.documents import charts
from bot.errors import BadStart
from bot.handlers import telegram
from bot.handlers.chat.channel import WebChannel
from bot.handlers.dates import Dates
from bot.handlers.mail import MailChannel, sender_of
from bot.handlers.mail_post import post
from bot.handlers.mail_signing import Signer, signer
from bot.handlers.telegram_edge import TelegramEdge
from bot.locale import Texts
from bot.services.base import Desk, Office
from bot.services.relay import OUTSIDE
from bot.services.relay_ledger import Ends
from bot.settings import Settings
from bot.worker.relaying import Link, Relay
from storage import crossing
from storage.errors import StartRefused
from storage.instance import Part
from storage.repositories.heartbeats import POLL, SOCKET
from storage.store import Store

if TYPE_CHECKING:
    from bot.handlers.slack.channel import SlackChannel

Wire = Callable[[Channel], Channel]


def to_telegram(
    settings: Settings, texts: Texts, site: Mapping[str, str], dates: Dates
) -> telegram.TelegramChannel | None:
    """Give the road to Telegram, if there is a token for it."""
    token = plain(settings.telegram_token)
    if token is None:
        return None
    files = settings.telegram_files
    return telegram.TelegramChannel(
        telegram.make_bot(
            token, settings.telegram_api_url, local=files is not None, dated=dates.note
        ),
        texts,
        site,
        fetcher=telegram.make_fetcher(settings.telegram_api_url),
        files=files,
    )


def to_slack(
    settings: Settings, texts: Texts, site: Mapping[str, str], dates: Dates
) -> "SlackChannel | None":
    """Give the road to the officials' Slack, if there is a token and the agency wants it."""
    token = plain(settings.slack_bot_token)
    if token is None or settings.site.slack == "off":
        return None
    # A process without the messenger does not load it.
    from bot.handlers.slack.channel import SlackChannel  # noqa: PLC0415
    from bot.handlers.slack.client import make_client  # noqa: PLC0415

    client = make_client(token, settings.slack_api_url, dated=dates.note)
    return SlackChannel(client, texts, site, picture=charts.picture)


def listens(
    settings: Settings, edge: TelegramEdge | None, slack: "SlackChannel | None"
) -> tuple[str, ...]:
    """Name the roads by which some process of ours fetches what people write."""
    polls = edge is not None and edge.hook is None
    socket = slack is not None and settings.slack_mode == "socket"
    return (*((POLL,) if polls else ()), *((SOCKET,) if socket else ()))


def to_mail(
    settings: Settings, texts: Texts, site: Mapping[str, str], now: Callable[[], datetime]
) -> MailChannel:
    """Give the road by e-mail; without a server its letters are files beside the data."""
    url = plain(settings.smtp_url)
    return MailChannel(
        post(url, settings.data / "mail", now, os.urandom),
        texts,
        site,
        sender=_mail_from(settings),
        home=settings.public_url,
        bounce=settings.mail_bounce,
        signer=signing(settings, site),
        per_second=settings.mail_per_second,
        per_domain=settings.mail_per_domain,
        now=now,
        random=os.urandom,
    )


def signing(settings: Settings, site: Mapping[str, str]) -> Signer | None:
    """Give what signs our letters, where there is a key; raises `BadStart`."""
    return signer(
        settings.mail_dkim_key_file,
        settings.mail_dkim_selector,
        settings.mail_dkim_domain,
        sender_of(_mail_from(settings), site).domain,
    )


def _mail_from(settings: Settings) -> str:
    """Give who sends; letters that stay in a folder need nobody."""
    return settings.mail_from or ("" if settings.smtp_url else "noreply@localhost")


def channels(
    texts: Texts, site: Mapping[str, str], roads: Sequence[Channel | None], wire: Wire
) -> Mapping[str, Channel]:
    """Give all of them by name; `wire` may stand before each."""
    made: list[Channel] = [WebChannel(texts, site)]
    made += [one for one in roads if one is not None]
    return {channel.name: wire(channel) for channel in made}


def to_relay(settings: Settings, store: Store, svc: Desk, part: Part) -> Relay | None:
    """Give the road to the other network to who works it; raises `BadStart` by name."""
    side, out, come = (
        settings.jeokgeuk_relay,
        settings.jeokgeuk_relay_out,
        settings.jeokgeuk_relay_in,
    )
    key = settings.jeokgeuk_relay_key_file
    works = part in {"work", "all"}
    if not works or side is None or out is None or come is None or key is None:
        return None
    for name, folder in (("JEOKGEUK_RELAY_OUT", out), ("JEOKGEUK_RELAY_IN", come)):
        if not folder.is_dir() or not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            raise BadStart("settings", name, "읽고 쓸 수 있는 폴더가 아닙니다")
    try:
        own, peer = crossing.read_own(key), crossing.read_peer(settings.jeokgeuk_relay_peer)
    except StartRefused as refused:
        raise BadStart("settings", refused.where, refused.reason) from None
    if str(own.public) == str(peer):
        raise BadStart(
            "settings", "JEOKGEUK_RELAY_PEER", "우리쪽 공개 열쇠입니다. 상대쪽 것을 적습니다"
        )
    most = settings.jeokgeuk_relay_megabytes * 1024 * 1024
    ends = Ends(own, peer, "in" if side == OUTSIDE else "out", most, settings.kind)
    link = Link(ends, out, come, settings.data / "relay" / "refused")
    return Relay(store, svc, link, secrets.token_hex(8))


def plain(secret: Any) -> str | None:
    return None if secret is None else str(secret.get_secret_value())


def to_office(settings: Settings) -> Office:
    """Say which messenger the officials have (design §10).

    It goes by the workspace and not by the token, which the public part has not: what a citizen
    does there shows on cards all the same.
    """
    level = settings.site.slack or "numbers"
    if not settings.slack_team or level == "off":
        return Office()
    return Office("slack", settings.slack_team, settings.site.slack_channel, level)
