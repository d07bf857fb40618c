"""The roads out: which there are is said by the settings."""

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.channel import Channel
from bot.documents import charts
from bot.handlers import telegram
from bot.handlers.chat.channel import WebChannel
from bot.handlers.dates import Dates
from bot.handlers.mail import MailChannel
from bot.handlers.mail_post import post
from bot.handlers.slack.channel import SlackChannel
from bot.handlers.slack.client import make_client
from bot.handlers.telegram_edge import TelegramEdge
from bot.locale import Texts
from bot.settings import Settings
from storage.repositories.heartbeats import POLL, SOCKET

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
) -> SlackChannel | None:
    """Give the road to the officials' Slack, if there is a token and the agency wants it."""
    token = plain(settings.slack_bot_token)
    if token is None or settings.site.slack == "off":
        return None
    client = make_client(token, settings.slack_api_url, dated=dates.note)
    return SlackChannel(client, texts, site, picture=charts.picture)


def listens(
    settings: Settings, edge: TelegramEdge | None, slack: SlackChannel | None
) -> tuple[str, ...]:
    """Name the roads by which some process of ours fetches what people write."""
    polls = edge is not None and edge.hook is None
    socket = slack is not None and settings.slack_mode == "socket"
    return (*((POLL,) if polls else ()), *((SOCKET,) if socket else ()))


def _mail(
    settings: Settings, texts: Texts, site: Mapping[str, str], now: Callable[[], datetime]
) -> MailChannel:
    """Give the road by e-mail; without a server its letters are files beside the data."""
    url = plain(settings.smtp_url)
    return MailChannel(
        post(url, settings.data / "mail", now, os.urandom),
        texts,
        site,
        sender=settings.mail_from or ("" if url else "noreply@localhost"),
        page=f"{settings.public_url}/status",
        now=now,
        random=os.urandom,
    )


def channels(
    settings: Settings,
    texts: Texts,
    site: Mapping[str, str],
    messengers: Sequence[Channel | None],
    now: Callable[[], datetime],
    wire: Wire,
) -> Mapping[str, Channel]:
    """Give all of them by name; `wire` may stand before each."""
    made: list[Channel] = [WebChannel(texts, site), _mail(settings, texts, site, now)]
    made += [one for one in messengers if one is not None]
    return {channel.name: wire(channel) for channel in made}


def plain(secret: Any) -> str | None:
    return None if secret is None else str(secret.get_secret_value())
