"""The only place where the parts meet."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from bot import catalogue
from bot.catalogue import Book
from bot.channel import Channel
from bot.dialogs.replies import Phrase
from bot.documents.scan import Clamd
from bot.errors import BadStart
from bot.handlers import telegram_edge
from bot.handlers.admission import admitted
from bot.handlers.dates import Dates
from bot.handlers.door import Door
from bot.handlers.ladder import Load, alarm, sides
from bot.handlers.living import Living, beating
from bot.handlers.mail import MailChannel
from bot.handlers.mail_bounce import Returns
from bot.handlers.probes import Probes, Watched
from bot.handlers.telegram import TelegramChannel
from bot.handlers.telegram_edge import TelegramEdge
from bot.locale import SHIPPED, Texts
from bot.measures import Measures
from bot.opening import opened, part_of
from bot.receive import Parts, Receiver, ready
from bot.roads import (
    Wire,
    channels,
    listens,
    plain,
    to_mail,
    to_office,
    to_relay,
    to_slack,
    to_telegram,
)
from bot.services import Desk, calendars
from bot.services.library import Library
from bot.services.silence import Patience
from bot.settings import Settings, Site
from bot.worker import Worker
from knowledge import procedures
from knowledge.searching import morphemes
from storage.instance import Part
from storage.repositories.heartbeats import POLL
from storage.store import Store

if TYPE_CHECKING:
    from bot.handlers.slack.channel import SlackChannel
    from bot.handlers.slack.transport import SlackEdge

PARTS = ("public", "hooks", "desk")
WHOLE = (*PARTS, "work")


@dataclass(frozen=True, slots=True)
class App:
    """Everything that one process holds; made by `build`, given to handlers and commands."""

    settings: Settings
    store: Store  # on the pool of `work`; pages take their own
    svc: Desk
    book: Book
    receiver: Receiver
    door: Door
    worker: Worker
    channels: Mapping[str, Channel]
    loads: Mapping[str, Load]
    measures: Measures
    dates: Dates
    mail: MailChannel
    telegram: TelegramEdge | None = None
    slack: "SlackChannel | None" = None
    messenger: "SlackEdge | None" = None

    def asgi(self, parts: Collection[str] = PARTS, *, work: bool = True) -> ASGIApp:
        """Give the ASGI application of these parts; `work` runs the worker in its lifespan."""
        site = _Site(self, frozenset(parts), work=work)
        https = self.settings.public_url.startswith("https:")
        base = urlsplit(self.settings.desk_url).path.rstrip("/")
        return admitted(site.application(), self.loads, parts, base, self._say, hsts=https)

    def watched(self, listeners: Callable[[], int] = lambda: 0) -> Watched:
        """Give what the probes of a process look at."""
        given = self.settings
        return Watched(
            self.store,
            self.svc,
            self.loads,
            self.measures,
            self.dates,
            pushed=tuple(name for name, one in self.channels.items() if one.limits.push),
            listens=listens(self.settings, self.telegram, self.slack),
            patience=Patience(
                given.jeokgeuk_silent_tick,
                given.jeokgeuk_silent_notice,
                given.jeokgeuk_silent_inbound,
                given.jeokgeuk_silent_outbound,
            ),
            networks=given.jeokgeuk_metrics_from,
            listeners=listeners,
        )

    def probes(self) -> ASGIApp:
        """Give the probes alone, for a process that serves no page."""
        return Starlette(routes=Probes(self.watched()).routes())

    def _say(self, key: str, **params: str) -> str:
        """Give the words of a refusal at the door."""
        return self.svc.texts.render(Phrase(key, params), "ko", self.settings.site.words())

    async def hang_up(self) -> None:
        """Close the connections to the messengers and to the mail server."""
        for road in (self.messenger, self.telegram, self.slack, self.mail):
            if road is not None:
                await road.close()

    def close(self) -> None:
        """Close the database."""
        self.store.close()


class _Site:
    """The pages of one process and what runs beside them."""

    def __init__(self, app: App, parts: frozenset[str], *, work: bool) -> None:
        # `work` has no pages and loads none.
        from bot.handlers import public  # noqa: PLC0415
        from bot.handlers.chat.backing import StoreBacking  # noqa: PLC0415
        from bot.handlers.chat.parts import WebParts  # noqa: PLC0415

        self._public = public
        self._app = app
        self._parts = parts
        self._work = work
        settings = app.settings
        rehearsal = settings.kind == "rehearsal"
        self._web = WebParts(
            talk=app.door,
            back=StoreBacking(app.store.of("public"), app.svc),
            texts=app.svc.texts,
            site=settings.site.words(),
            menu=_menu(app.svc),
            url=settings.public_url,
            now=app.svc.now,
            random=app.svc.random,
            draft_days=settings.site.draft_days,
            rehearsal=rehearsal,
            framed=rehearsal,
        )
        self._feed = self._public.feed(self._web)

    def application(self) -> Starlette:
        """Put the routes together: probes first, the desk last, because it may own the root."""
        app = self._app
        routes: list[BaseRoute] = [*Probes(app.watched(lambda: self._feed.listening)).routes()]
        if "hooks" in self._parts and app.telegram is not None:
            routes += app.telegram.routes()
        if "public" in self._parts:
            routes += self._public.routes(self._web, self._feed)
        if "desk" in self._parts:
            routes += self._desk()
        shared = "public" in self._parts
        return Starlette(
            routes=routes,
            middleware=self._public.middleware(self._web) if shared else None,
            exception_handlers=self._public.errors(self._web) if shared else None,
            lifespan=self._life,
        )

    def _desk(self) -> list[BaseRoute]:
        from bot.handlers import desk  # noqa: PLC0415 - a public process does not load the desk

        app = self._app
        if "public" in self._parts and not urlsplit(app.settings.desk_url).path.strip("/"):
            reason = "시민 화면과 함께 열 때에는 뒤에 길(/desk)이 있어야 합니다"
            raise BadStart("settings", "JEOKGEUK_DESK_URL", reason)
        base = urlsplit(app.settings.desk_url).path.rstrip("/")
        messenger = [] if app.messenger is None else app.messenger.routes(base)
        return messenger + desk.routes(
            desk.DeskParts(
                store=app.store.of("desk"),
                svc=app.svc,
                book=app.book,
                url=app.settings.desk_url,
                channels=app.channels,
                rehearsal=app.settings.kind == "rehearsal",
            )
        )

    @asynccontextmanager
    async def _life(self, _app: Starlette) -> AsyncIterator[None]:
        """Run the worker and the messengers as long as the pages are served."""
        stop = asyncio.Event()
        running = []
        full = alarm(self._app.store, self._app.loads, self._parts)
        running.append(asyncio.create_task(full.run(stop)))
        if self._work:
            running.append(asyncio.create_task(self._app.worker.run(stop)))
        if "hooks" in self._parts and self._app.telegram is not None:
            running.append(asyncio.create_task(self._app.telegram.run(stop)))
        if "desk" in self._parts and self._app.messenger is not None:
            running.append(asyncio.create_task(self._app.messenger.run(stop)))
        if self._parts & {"public", "hooks"}:
            # Before the first person has to wait for it; nobody waits for this.
            running.append(asyncio.create_task(asyncio.to_thread(self._app.svc.library.warm)))
        try:
            yield
        finally:
            self._feed.close()
            stop.set()
            await asyncio.gather(*running)
            await self._app.worker.settled()
            await self._app.hang_up()


def wall_clock() -> datetime:
    """Tell the time of this machine (aware, UTC)."""
    return datetime.now(UTC)


def build(
    settings: Settings,
    *,
    parts: Collection[str] = WHOLE,
    now: Callable[[], datetime] = wall_clock,
    wire: Wire = lambda channel: channel,
    **opening: Any,
) -> App:
    """Put the parts together; raises `BadStart` naming what is wrong.

    `parts` are what this process will do, and so which keys it needs (security S7). `now` is
    every part's clock. `wire` may stand before a channel; `opening` goes to `open_store`.
    """
    texts, book = _words(settings.jeokgeuk_overlay)
    site = settings.site.words()
    store = opened(settings, part_of(parts), **opening)
    public = store.of("public")
    loads = sides(store)
    load = loads["public"]
    library = _library(settings.site, public, partial(load.at, "rerank"))
    svc = _desk(settings, texts, book, now, library)
    measures, dates = Measures(), Dates()
    edge = to_telegram(settings, texts, site, dates)
    slack = to_slack(settings, texts, site, dates)
    mail = to_mail(settings, texts, site, now)
    roads = channels(texts, site, (mail, edge, slack), wire)
    lookups = Living(public, svc)
    known = ready.warm(svc.library.answers, now=set(parts) != {"work"})
    receiving = Parts(
        svc=svc,
        book=book,
        limits={name: channel.limits for name, channel in roads.items()},
        site=site,
        lookups=lookups,
        answer=known.answer,
        near=known.near,
        guess=ready.guess,
        refresh=lookups.refresh,
        said=lambda: lookups.said,
        room=lambda: store.space().room,
    )
    receiver = Receiver(receiving, public, waited=measures.waits.observe)
    door = Door(receiver, parallel=store.parallel, measures=measures, load=load)
    worker = _worker(settings, store, svc, roads, measures, part_of(parts))
    telegram_ = None
    if edge is not None:
        telegram_ = _telegram(settings, edge, door, worker, load, dates)
    made = (settings, store, svc, book, receiver, door, worker, roads)
    messenger = None
    if slack is not None and "desk" in parts:
        messenger = _messenger(settings, slack, store.of("desk"), svc, loads["desk"], dates)
    return App(*made, loads, measures, dates, mail, telegram_, slack, messenger)


def _worker(
    settings: Settings,
    store: Store,
    svc: Desk,
    roads: Mapping[str, Channel],
    measures: Measures,
    part: Part,
) -> Worker:
    """Give who sends, and at every tick reads what came back by mail and from the other network."""
    scan = Clamd(settings.jeokgeuk_clamd) if settings.jeokgeuk_clamd else None
    back = Returns(store, svc, settings.mail_bounce, settings.mail_bounces)
    relay = to_relay(settings, store, svc, part)
    chores = (back.look, *((relay.step,) if relay is not None else ()))
    return Worker(store, svc, roads, scan=scan, measures=measures, chores=chores)


def _telegram(
    settings: Settings, edge: TelegramChannel, door: Door, worker: Worker, load: Load, dates: Dates
) -> TelegramEdge:
    svc = worker.ledger.svc
    return telegram_edge.connect(
        edge,
        door,
        worker.flush,
        svc.texts,
        settings.site.words(),
        public_url=settings.public_url if settings.telegram_mode == "webhook" else None,
        secret=plain(settings.telegram_webhook_secret),
        now=svc.now,
        heard=beating(worker.ledger.store, POLL),
        dated=dates.note,
        menu=_menu(svc),
        load=load,
    )


@cache
def _words(overlay: Path | None) -> tuple[Texts, Book]:
    """Read the sentences and the procedures, a site's own laid over the shipped ones."""
    names = ("locale", "procedures") if overlay is not None else ()
    own = {name: [overlay / name] for name in names if overlay and (overlay / name).is_dir()}
    rules = own.get("procedures", [])
    added = {path.stem for folder in rules for path in folder.glob("*.toml")}
    texts = Texts.load((SHIPPED, *own.get("locale", ())), new=added - _shipped())
    forms = overlay / "forms" if overlay is not None else None
    return texts, catalogue.load(texts, (procedures.SHIPPED, *rules), forms=forms)


def _shipped() -> set[str]:
    return {path.stem for path in procedures.SHIPPED.glob("*.toml")}


def _menu(svc: Desk) -> tuple[tuple[str, str], ...]:
    """Give the command and the label of everything that a citizen may begin."""
    return tuple((one.filing.command, f"{one.id}.menu") for one in svc.menu())


def _desk(
    settings: Settings, texts: Texts, book: Book, now: Callable[[], datetime], library: Library
) -> Desk:
    catalogue.check_settings(book, settings.site)
    if settings.site.newsletter.cards.logo is not None:
        from bot.documents import card_look  # noqa: PLC0415 - Pillow and Typst, for this alone

        card_look.look(settings.site.newsletter.cards, settings.site.agency)
    return Desk(
        texts=texts,
        procedures=book.procedures,
        catalogue=book,
        site=settings.site,
        calendar=calendars.reader(settings.site),
        now=now,
        random=os.urandom,
        public_url=settings.public_url,
        desk_url=settings.desk_url,
        office=to_office(settings),
        library=library,
        relay=settings.jeokgeuk_relay or "",
    )


def _library(site: Site, store: Store, full: Callable[[], bool]) -> Library:
    if site.knowledge.kiwi and not morphemes.installed():
        reason = "Kiwi가 설치되어 있지 않습니다: pip install 'jeokgeuktalk[kiwi]'"
        raise BadStart("site", "knowledge.kiwi", reason)
    words = morphemes.remembered if site.knowledge.kiwi else None
    return Library(store, shipped=site.knowledge.shipped, words=words, full=full)


def _messenger(
    settings: Settings, channel: "SlackChannel", store: Store, svc: Desk, load: Load, dates: Dates
) -> "SlackEdge":
    """Give the officials' way in, for the desk's part alone (security S29)."""
    # A process without the messenger does not load it.
    from bot.handlers.slack import transport  # noqa: PLC0415

    by_socket = settings.slack_mode == "socket"
    return transport.connect(
        channel,
        store,
        svc,
        load,
        signing_secret=None if by_socket else plain(settings.slack_signing_secret),
        app_token=plain(settings.slack_app_token) if by_socket else None,
        dated=dates.note,
    )
