"""소식 받기: an official gets the news by mail, at the messenger, or not at all."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.errors import Refused
from bot.handlers.desk.doing import new_command, once
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Missing, Visit, see
from bot.handlers.news_choices import choices, named
from bot.services import own_news, subscriptions
from bot.services.rights import Right

PATH = "/me/news"


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    def page(visit: Visit) -> Response:
        """Show what comes where; save what was chosen."""
        svc, actor, sent = parts.svc, visit.actor, visit.sent
        if actor.user_id is None:
            raise Missing
        wrong = {}
        if visit.post:
            where = sent.all("channel")
            fields, regions = (
                named("fields", sent.all("field")),
                named("regions", sent.all("region")),
            )
            said = [where, sent.all("kind"), fields, regions, sent.get("lang")]
            try:
                wish = subscriptions.read(svc, sent.all("kind"), fields, regions, sent.get("lang"))
                once(visit, "news", said, lambda u: own_news.save(svc, u, actor, where, wish))
                return see(parts.base + PATH)
            except Refused as refused:
                if refused.key != "subscribing.nothing":
                    raise
                wrong = {"kinds": refused.key}
        now = parts.store.read(lambda unit: own_news.mine(svc, unit, actor))
        wish = now.wish
        return pages.show(
            visit,
            "news.html",
            422 if wrong else 200,
            mine=now,
            wrong=wrong,
            languages=svc.texts.languages,
            texts=[pages.say(subscriptions.consent(svc, one)) for one in now.channels[:1]],
            command=new_command(visit),
            **choices(wish.kinds, wish.fields, wish.regions, wish.lang),
        )

    return [reception.page(PATH, page, Right.SELF)]
