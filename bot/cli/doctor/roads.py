"""What lies outside: messenger, mail server, scanner, other clocks. No word is sent to anybody."""

import asyncio
import http.client
import os
import ssl
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import aiosmtplib
from telegram.error import TelegramError

from bot.app import wall_clock
from bot.cli.doctor.base import clocks
from bot.cli.doctor.finding import Finding, fault, note, ok
from bot.documents.scan import Clamd
from bot.handlers.dates import Dates, ahead
from bot.handlers.mail_post import SmtpPost, post
from bot.handlers.telegram_request import AioRequest, NotVendor
from bot.handlers.telegram_webhook import PATH
from bot.settings import Settings

SECONDS = 10.0
MANY = 100
"""Updates that wait at the vendor: more means that ours are not taken."""


def telegram(settings: Settings) -> Iterator[Finding]:
    """Ask the Bot API who we are and where it sends what people write."""
    if settings.telegram_token is None:
        yield note("telegram", "텔레그램을 쓰지 않습니다")
        return
    dates = Dates()
    try:
        _, hook = asyncio.run(_ask(settings, dates))
    except NotVendor as error:
        text = f"텔레그램: 토큰을 알아보지 못합니다({error.code})"
        yield fault("telegram", text, "BotFather의 토큰과 TELEGRAM_API_URL을 확인해 주세요")
        return
    except TelegramError as error:
        text = f"텔레그램: Bot API 서버가 답하지 않습니다({type(error).__name__})"
        yield fault("telegram", text, "그 서버로 나가는 길(방화벽)을 열어 주세요")
        return
    yield ok("telegram", "텔레그램: 토큰이 맞습니다")
    yield _hook(settings, str(hook.get("url", "")))
    if int(hook.get("pending_update_count", 0)) > MANY:
        text = f"텔레그램에서 {hook['pending_update_count']}건이 기다립니다"
        yield fault("telegram", text, "서비스가 밖에서 열리는지, serve가 떠 있는지 봐 주세요")
    drift = dates.drift()
    if drift is not None:
        yield clocks("Bot API 서버", drift)


async def _ask(settings: Settings, dates: Dates) -> tuple[dict[str, Any], dict[str, Any]]:
    assert settings.telegram_token is not None
    base = f"{settings.telegram_api_url}/bot{settings.telegram_token.get_secret_value()}"
    request = AioRequest(connections=1, dated=dates.note)
    try:
        me = await request.ask(f"{base}/getMe", {}, answer=SECONDS)
        return me, await request.ask(f"{base}/getWebhookInfo", {}, answer=SECONDS)
    finally:
        await request.shutdown()


def _hook(settings: Settings, url: str) -> Finding:
    wanted = f"{settings.public_url}{PATH}" if settings.telegram_mode == "webhook" else ""
    if url == wanted:
        return ok("telegram", "텔레그램: 글이 오는 길이 설정과 같습니다")
    text = "텔레그램: 글이 다른 곳으로 갑니다" if url else "텔레그램: 웹훅이 걸려 있지 않습니다"
    return fault("telegram", text, "serve를 다시 시작하면 설정대로 다시 겁니다")


def mail(settings: Settings) -> Iterator[Finding]:
    """Find the mail server, its TLS and our log-in; no letter is written."""
    if settings.smtp_url is None:
        yield note(
            "mail", "메일 서버가 없어 편지를 파일로 남깁니다", "보내려면 SMTP_URL을 적습니다"
        )
        return
    way = post(settings.smtp_url.get_secret_value(), settings.data, wall_clock, os.urandom)
    assert isinstance(way, SmtpPost)
    yield asyncio.run(_greet(way))
    if not settings.mail_from:
        yield fault("mail", "보내는 사람 주소가 없습니다", "MAIL_FROM을 적어 주세요")


async def _greet(way: SmtpPost) -> Finding:
    server = aiosmtplib.SMTP(
        hostname=way.host, port=way.port, username=way.username, password=way.password,
        use_tls=way.tls, start_tls=False if way.tls else way.start_tls, tls_context=way.context,
        timeout=SECONDS,
    )  # fmt: skip
    try:
        await server.connect()
        safe = server.get_transport_info("ssl_object") is not None
    except aiosmtplib.SMTPAuthenticationError:
        return fault(
            "mail", "메일: 로그인을 받지 않습니다", "SMTP_URL의 계정과 비밀번호를 봐 주세요"
        )
    except (ssl.SSLError, aiosmtplib.SMTPException, OSError) as error:
        text = f"메일: 서버에 닿지 않습니다({type(error).__name__})"
        return fault("mail", text, "SMTP_URL의 호스트·포트와 TLS 인증서를 봐 주세요")
    finally:
        server.close()
    return ok(
        "mail", f"메일: 연결{', TLS' if safe else ''}{', 로그인' if way.username else ''} 됨"
    )


def scanner(settings: Settings) -> Iterator[Finding]:
    """Ping clamd."""
    if not settings.jeokgeuk_clamd:
        text = "백신이 없어 원본을 열 때마다 경고합니다"
        yield note("scanner", text, "두려면 JEOKGEUK_CLAMD를 적습니다")
    elif Clamd(settings.jeokgeuk_clamd, SECONDS).lives():
        yield ok("scanner", "백신: 답합니다")
    else:
        yield fault("scanner", "백신: 답하지 않습니다", "clamd가 떠 있는지 봐 주세요")


def third_clock(settings: Settings) -> Iterator[Finding]:
    """Compare our clock with the Date of a server that somebody else keeps (S33)."""
    if settings.jeokgeuk_clock_url is None:
        return
    parts = urlsplit(settings.jeokgeuk_clock_url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    line = kind(parts.hostname or "", parts.port, timeout=SECONDS)
    try:
        line.request("HEAD", parts.path or "/")
        drift = ahead(line.getresponse().getheader("Date"), time.time())
    except (OSError, http.client.HTTPException):
        drift = None
    finally:
        line.close()
    if drift is None:
        yield fault("clock", "시계: 견줄 서버가 답하지 않습니다", "JEOKGEUK_CLOCK_URL을 봐 주세요")
    else:
        yield clocks("JEOKGEUK_CLOCK_URL", drift)
