"""What comes from Slack, on either road, given to who does it.

slack-bolt tells the kinds of requests apart; what it would log or keep for itself is switched off:
its log lines quote what people wrote, and it would ask Slack who we are before each answer.
"""

import logging
import re
from dataclasses import dataclass
from typing import Final

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse

from bot import log
from bot.handlers.ladder import Load
from bot.handlers.slack.acts import Acts
from bot.handlers.slack.asking import Json
from bot.handlers.slack.client import Client
from bot.handlers.slack.events import Events
from storage.errors import Busy

_log = log.get(__name__)

ANY: Final = re.compile(r"")
RETRY_AFTER: Final = 10


@dataclass(frozen=True, slots=True)
class Inbound:
    """The requests of one app. `load` is that of the desk (security S20)."""

    client: Client
    acts: Acts
    events: Events
    load: Load

    def application(self) -> AsyncApp:
        """Make the app that both roads dispatch to."""

        async def authorize(
            enterprise_id: str | None, team_id: str | None, user_id: str | None
        ) -> AuthorizeResult:
            return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, user_id=user_id)

        app = AsyncApp(
            name="jeokgeuk",
            logger=_silent(),
            client=self.client,
            authorize=authorize,
            signing_secret="",  # the road has looked already, before anything was parsed
            request_verification_enabled=False,
            ssl_check_enabled=False,
            ignoring_self_events_enabled=False,
            attaching_function_token_enabled=False,
            attaching_conversation_kwargs_enabled=False,
            process_before_response=True,
        )
        app.error(self._broken)
        app.command(ANY)(self.acts.command)
        app.action(ANY)(self.acts.press)
        app.view(ANY)(self.acts.submit)
        app.options(ANY)(self.acts.suggest)
        app.event(ANY)(self._event)
        return app

    async def _event(self, body: Json) -> BoltResponse | None:
        if self.load.refuses("running"):
            return _later()
        try:
            with self.load.visit():
                await self.events.take(body)
        except Busy:
            return _later()
        return None

    async def _broken(self, error: Exception) -> BoltResponse:
        _log.error("slack_request_failed", exc_info=error)
        return BoltResponse(status=500)


def _later() -> BoltResponse:
    """Let Slack tell it again."""
    return BoltResponse(status=503, headers={"Retry-After": str(RETRY_AFTER)})


def _silent() -> logging.Logger:
    made = logging.getLogger("slack_bolt.silent")
    made.disabled = True
    return made
