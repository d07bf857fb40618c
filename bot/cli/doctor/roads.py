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

from bot.cli.doctor.base import clocks
from bot.cli.doctor.finding import Finding, fault, note, ok
from bot.documents.scan import Clamd
from bot.errors import BadStart
from bot.handlers.dates import Dates, ahead
from bot.handlers.mail_lines import Server
from bot.handlers.mail_post import server
from bot.handlers.telegram_request import AioRequest, NotVendor
from bot.handlers.telegram_webhook import PATH
from bot.roads import signing
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
    yield from _signing(settings)
    yield from _returned(settings)
    if settings.smtp_url is None:
        yield note(
            "mail", "메일 서버가 없어 편지를 파일로 남깁니다", "보내려면 SMTP_URL을 적습니다"
        )
        return
    yield asyncio.run(_greet(server(settings.smtp_url.get_secret_value())))
    if not settings.mail_from:
        yield fault("mail", "보내는 사람 주소가 없습니다", "MAIL_FROM을 적어 주세요")


def _signing(settings: Settings) -> Iterator[Finding]:
    """Say what has to stand in the DNS for our signatures to be believed."""
    if settings.mail_dkim_key_file is None:
        return
    try:
        ours = signing(settings, settings.site.words())
    except BadStart as wrong:
        yield fault("mail", f"메일 서명(DKIM): {wrong}", "고친 뒤 다시 실행해 주세요")
        return
    if ours is not None:
        name, value = ours.record()
        yield note(
            "mail",
            "메일 서명(DKIM): 열쇠를 읽었습니다",
            f"DNS에 이 줄이 있어야 합니다: {name} TXT {value}",
        )


def _returned(settings: Settings) -> Iterator[Finding]:
    """Look where letters that came back are read, and whether some wait for a person."""
    if settings.mail_bounces is None:
        return
    new = settings.mail_bounces / "new"
    if not (new.is_dir() and os.access(new, os.R_OK | os.W_OK | os.X_OK)):
        text = "되돌아온 편지의 폴더(MAIL_BOUNCES/new)를 읽고 지울 수 없습니다"
        yield fault("mail", text, "Maildir인지, 이 계정이 쓸 수 있는지 봐 주세요")
        return
    waiting = sum(1 for _ in new.iterdir())
    if waiting:
        text = f"되돌아온 편지: {waiting}통이 있습니다"
        yield note("mail", text, "30초 뒤에도 남아 있으면 알아볼 수 없는 편지이니 사람이 읽습니다")
    else:
        yield ok("mail", "되돌아온 편지: 모두 읽었습니다")


async def _greet(way: Server) -> Finding:
    smtp = way.client(SECONDS)
    try:
        await smtp.connect()
        safe = smtp.get_transport_info("ssl_object") is not None
    except aiosmtplib.SMTPAuthenticationError:
        return fault(
            "mail", "메일: 로그인을 받지 않습니다", "SMTP_URL의 계정과 비밀번호를 봐 주세요"
        )
    except (ssl.SSLError, aiosmtplib.SMTPException, OSError) as error:
        text = f"메일: 서버에 닿지 않습니다({type(error).__name__})"
        return fault("mail", text, "SMTP_URL의 호스트·포트와 TLS 인증서를 봐 주세요")
    finally:
        smtp.close()
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
