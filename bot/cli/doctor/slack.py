"""The officials' Slack: the token, what it may do, whose workspace it is, who reads the room."""

import asyncio
from collections.abc import Iterator

from bot.app import App
from bot.cli.doctor.finding import Finding, fault, note, ok
from bot.handlers.slack.asking import Place
from bot.handlers.slack.client import Client, make_client
from bot.handlers.slack.looks import Unsaid, ourselves, standing
from bot.handlers.slack.manifest import SCOPES
from bot.services import direct, linking
from bot.settings import Settings

AGAIN = "jeokgeuk slack manifest를 다시 붙여 넣고 앱을 다시 설치해 주세요"


def slack(settings: Settings) -> Iterator[Finding]:
    """Ask Slack who we are; nobody is sent a word."""
    if settings.slack_bot_token is None or settings.site.slack == "off":
        if settings.slack_team and settings.site.slack != "off":
            text = "슬랙: 이 프로세스에는 토큰이 없습니다"
            yield note("slack", text, "직원 화면과 work에는 SLACK_BOT_TOKEN이 있어야 합니다")
        else:
            yield note("slack", "슬랙을 쓰지 않습니다")
        return
    if settings.site.slack == "full":
        yield ok("slack", f"슬랙: 신고 내용도 보입니다(까닭: {settings.site.slack_reason})")
    yield from asyncio.run(_ask(settings))


def links(app: App) -> Iterator[Finding]:
    """Say how many officials are linked, and whose account nobody could look at for a day."""
    if not app.svc.office.on:
        return
    known = app.store.read(linking.watched)
    old = [one for one in known if app.svc.now() - one.checked_at > direct.LOOK]
    if old:
        text = f"슬랙: 연결된 {len(known)}명 가운데 {len(old)}명을 하루 넘게 확인하지 못했습니다"
        yield fault("slack", text, "직원 화면을 연 serve가 슬랙에 닿는지 봐 주세요")
    else:
        yield ok("slack", f"슬랙: 연결된 직원 {len(known)}명")


async def _ask(settings: Settings) -> list[Finding]:
    assert settings.slack_bot_token is not None
    client = make_client(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
    try:
        return await _told(client, settings)
    except Unsaid as unsaid:
        if unsaid.own:
            text = f"슬랙: 토큰을 받지 않습니다({unsaid})"
            return [fault("slack", text, "SLACK_BOT_TOKEN을 앱의 설치 화면에서 다시 옮겨 주세요")]
        text = f"슬랙: 답하지 않습니다({unsaid})"
        return [fault("slack", text, "SLACK_API_URL로 나가는 길(방화벽)을 열어 주세요")]
    finally:
        await client.close()


async def _told(client: Client, settings: Settings) -> list[Finding]:
    me = await ourselves(client)
    found = [_place(me.team, settings.slack_team), *_scopes(me.scopes)]
    if not settings.site.slack_channel:
        todo = "함께 보려면 비공개 채널을 만들어 slack_channel에 적습니다"
        return [*found, note("slack", "슬랙: 감사 부서의 방이 없어 개인 메시지만 갑니다", todo)]
    return [*found, await _room(client, settings, me.user)]


def _place(team: str, wanted: str) -> Finding:
    if team == Place(wanted).team:
        return ok("slack", "슬랙: 토큰이 우리 워크스페이스의 것입니다")
    text = "슬랙: 토큰이 다른 워크스페이스의 것입니다"
    return fault("slack", text, "SLACK_TEAM과 SLACK_BOT_TOKEN을 맞춰 주세요")


def _scopes(has: frozenset[str]) -> list[Finding]:
    if not has:
        return []  # an API of one's own may not say
    missing = sorted(set(SCOPES) - has)
    if missing:
        return [fault("slack", f"슬랙: 권한이 모자랍니다({', '.join(missing)})", AGAIN)]
    more = sorted(has - set(SCOPES))
    if more:
        return [note("slack", f"슬랙: 쓰지 않는 권한이 있습니다({', '.join(more)})", AGAIN)]
    return [ok("slack", "슬랙: 권한이 꼭 필요한 것만 있습니다")]


async def _room(client: Client, settings: Settings, bot: str) -> Finding:
    place, room = Place(settings.slack_team), settings.site.slack_channel
    try:
        found = await standing(client, place, room, bot)
    except Unsaid as unsaid:
        text = f"슬랙: 방이 어떤지 알 수 없습니다({unsaid})"
        return fault("slack", text, "잠시 뒤에 다시 해 주세요")
    match found:
        case "clean":
            return ok("slack", "슬랙: 방은 비공개이고 우리 기관 사람만 있습니다")
        case "gone":
            text = "슬랙: 방이 없거나 앱이 그 방에 없습니다"
            return fault("slack", text, "방에서 /invite로 앱을 불러 주세요")
    text = "슬랙: 방이 공개이거나 밖의 사람이 있어 아무것도 보내지 않습니다"
    return fault("slack", text, "감사 부서 사람만 있는 비공개 채널을 써 주세요")
