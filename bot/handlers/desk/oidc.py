"""The agency's own sign-in: there and back again (OpenID Connect, code flow with PKCE; S26, S30).

All that is read over the network is read by `Fetcher`: discovery and keys from the issuer that
the administrator named, and from the hosts beside it. Whatever does not fit is one answer; the
log has the reason as a word, never a value.
"""

import asyncio
import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from joserfc.errors import JoseError
from joserfc.jws import extract_compact
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot import log as logs
from bot.errors import Refused
from bot.handlers.desk import second
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import SESSION_SECONDS, DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Knock, Missing, inside, see
from bot.handlers.fetching import Fetcher, NotFetched
from bot.services import oidc
from bot.services.oidc import Back, Way
from bot.services.signing import Half
from bot.settings import OidcSite

log = logs.get("oidc")

COOKIE = "desk-oidc"
SECONDS = int(oidc.LIFE.total_seconds())
MOST = 256 * 1024
DISCOVERED = timedelta(hours=1)
KEYS = timedelta(minutes=10)
NEW_KEYS = timedelta(minutes=1)  # an unknown key is asked after no oftener than this


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    site = parts.svc.site.oidc
    if site is None:
        return []
    desk = _Oidc(parts, pages, Provider(site, site.secret(), parts.svc.now))
    return [
        reception.door("/oidc/start", desk.start),
        reception.door("/oidc/callback", desk.callback),
        reception.door("/oidc/out", desk.out),
    ]


@dataclass
class Provider:
    """The agency's sign-in as a server: what it publishes, and tokens for codes."""

    site: OidcSite
    secret: str
    now: Callable[[], datetime]
    _document: tuple[datetime, Mapping[str, Any]] | None = field(default=None, init=False)
    _keys: tuple[datetime, Mapping[str, Any]] | None = field(default=None, init=False)

    def document(self) -> Mapping[str, Any]:
        """Read what it publishes of itself. Raises `Refused` oidc.failed, `NotFetched`."""
        if self._document is None or self.now() - self._document[0] > DISCOVERED:
            found = self._json(f"{self.site.issuer}/.well-known/openid-configuration")
            if found.get("issuer") != self.site.issuer:
                raise Refused("oidc.failed")
            self._document = (self.now(), found)
        return self._document[1]

    def keys(self, kid: str) -> Mapping[str, Any]:
        """Give its public keys; asks again where the one that is named is not among them."""
        held = self._keys
        known = held is not None and any(
            isinstance(one, dict) and one.get("kid") == kid for one in held[1].get("keys", ())
        )
        age = self.now() - held[0] if held is not None else KEYS * 2
        if held is None or age > KEYS or (not known and age > NEW_KEYS):
            held = self._keys = (self.now(), self._json(str(self.document()["jwks_uri"])))
        return held[1]

    def way_out(self) -> str:
        """Give where a browser ends the agency's session; "" where it names no such place.

        Raises `Refused` oidc.failed, `NotFetched` (OpenID Connect RP-Initiated Logout 1.0 §2.1).
        """
        there = str(self.document().get("end_session_endpoint") or "")
        known = {"https", urlsplit(self.site.issuer).scheme}
        return there if urlsplit(there).scheme in known else ""

    def token(self, code: str, verifier: str, back: str) -> str:
        """Change a code into an ID token. Raises `Refused` oidc.failed, `NotFetched`."""
        address = str(self.document()["token_endpoint"])
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "client_id": self.site.client_id,
            "code_verifier": verifier,
        }
        found = self._json(address, form).get("id_token")
        if not isinstance(found, str):
            raise Refused("oidc.failed")
        return found

    def _json(self, url: str, form: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        host = urlsplit(url).hostname or ""
        secret = {host: self._basic()} if form is not None and self.secret else {}
        fetcher = Fetcher(
            hosts=frozenset(self.site.hosts), own=self.site.issuer, authorization=secret
        )
        found = json.loads(asyncio.run(fetcher.fetch(url, MOST, form)))
        if not isinstance(found, dict):
            raise Refused("oidc.failed")
        return found

    def _basic(self) -> str:
        """RFC 6749 §2.3.1: both halves are form-encoded before they are joined."""
        pair = f"{quote(self.site.client_id, safe='')}:{quote(self.secret, safe='')}"
        return "Basic " + b64encode(pair.encode()).decode()


class _Oidc:
    def __init__(self, parts: DeskParts, pages: Pages, provider: Provider) -> None:
        self._parts = parts
        self._pages = pages
        self._provider = provider
        self._back = f"{parts.url.rstrip('/')}/oidc/callback"

    def start(self, knock: Knock) -> Response:
        """Send somebody to the agency's sign-in; only by a button of ours."""
        if not knock.post:
            raise Missing
        caller = self._parts.caller(knock.request, "")
        wanted, invite = inside(knock.sent.get("next")), knock.sent.get("ticket").strip()
        try:
            there = str(self._provider.document()["authorization_endpoint"])
            way = self._parts.store.transact(
                lambda unit: oidc.leave(self._parts.svc, unit, wanted, invite, caller.salted),
                None,
            )
        except (Refused, NotFetched, ValueError, KeyError) as error:
            return self._failed(knock, error)
        # A form may lead nowhere but here (form-action 'self'): so a page, and from it on.
        answer = self._go(knock, _with(there, self._asks(way)))
        self._parts.set_cookie(answer, COOKIE, way.secret, SECONDS, same="lax")
        return answer

    def _go(self, knock: Knock, go: str, *, out: bool = False) -> Response:
        answer = self._pages.show(knock, "oidc_go.html", go=go, out=out)
        answer.headers["Refresh"] = f"0; url={go}"
        return answer

    def out(self, knock: Knock) -> Response:
        """Lead somebody who is out here out of the agency's sign-in too.

        Nothing is ended by coming here: our session is over before, and the agency's own page ends
        its own. It is not told who that is: we keep no ID token to hint at.
        """
        try:
            there = self._provider.way_out()
        except (Refused, NotFetched, ValueError, KeyError) as error:
            log.warning("oidc_no_way_out", kind=type(error).__name__)
            there = ""
        if not there:
            return see(f"{self._parts.base}/sign-in?note=out")
        asks = {
            "client_id": self._provider.site.client_id,
            "post_logout_redirect_uri": f"{self._parts.url.rstrip('/')}/sign-in",
        }
        return self._go(knock, _with(there, asks), out=True)

    def _asks(self, way: Way) -> Mapping[str, str]:
        site = self._provider.site
        asks = {
            "response_type": "code",
            "client_id": site.client_id,
            "redirect_uri": self._back,
            "scope": "openid",
            "state": way.state,
            "nonce": way.nonce,
            "code_challenge": way.challenge,
            "code_challenge_method": "S256",
        }
        return asks | ({"max_age": str(oidc.FRESH)} if site.mfa else {})

    def callback(self, knock: Knock) -> Response:
        """Take somebody back: the browser that left, the state it left with, a code, once."""
        secret = knock.request.cookies.get(self._parts.cookie(COOKIE), "")
        same = compare_digest(oidc.state_of(secret).encode(), knock.asked("state").encode())
        issuer = knock.asked("iss")
        kept = None
        if secret and same and not knock.post:
            kept = self._parts.store.transact(
                lambda unit: oidc.back(self._parts.svc, unit, secret), None
            )
        if kept is None or not knock.asked("code"):
            return self._failed(knock, Refused("oidc.failed"))
        if issuer and issuer != self._provider.site.issuer:  # RFC 9207
            return self._failed(knock, Refused("oidc.failed"))
        try:
            return self._enter(knock, kept)
        except (Refused, NotFetched, ValueError, KeyError) as error:
            return self._failed(knock, error)

    def _enter(self, knock: Knock, kept: Back) -> Response:
        svc, site = self._parts.svc, self._provider.site
        token = self._provider.token(knock.asked("code"), kept.verifier, self._back)
        keys = self._provider.keys(_kid(token))
        told = self._parts.store.read(
            lambda unit: oidc.claims(svc, unit, site, token, keys, kept.nonce)
        )
        caller = self._parts.caller(knock.request, "")
        opened = self._parts.store.transact(
            lambda unit: oidc.enter(svc, unit, site, told, kept, caller), None
        )
        # We were called from another site, so our strict cookies come with the next page only.
        wanted = inside(kept.wanted)
        if isinstance(opened, Half):
            name, value, seconds = second.COOKIE, opened.secret, second.SECONDS
            step = "enrol" if opened.needs == "enrol" else "second"
            go = f"{self._parts.base}/{step}?next={wanted}"
        else:
            name, value, seconds = "desk", opened.secret, SESSION_SECONDS
            go = self._parts.base + wanted
        answer = self._go(knock, go)
        self._parts.set_cookie(answer, name, value, seconds)
        self._parts.drop_cookie(answer, COOKIE)
        return answer

    def _failed(self, knock: Knock, error: Exception) -> Response:
        """Say that it did not work; the log has the kind of mistake, nobody's words."""
        shown = error if isinstance(error, Refused) else Refused("oidc.away")
        if not shown.key.startswith(("oidc.", "access.")):
            shown = Refused("oidc.failed")
        log.warning("oidc_refused", reason=shown.key, kind=type(error).__name__)
        answer = self._pages.show(
            knock,
            "sign_in.html",
            429 if shown.key == "access.slow" else 401,
            login="",
            next="/",
            note="",
            error=self._pages.why(shown),
        )
        self._parts.drop_cookie(answer, COOKIE)
        return answer


def _with(address: str, asks: Mapping[str, str]) -> str:
    return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(asks)}"


def _kid(token: str) -> str:
    """Read which key a token names, before anything of it is believed."""
    try:
        return str(extract_compact(token.encode()).headers().get("kid", ""))
    except (JoseError, ValueError, TypeError):
        raise Refused("oidc.failed") from None
