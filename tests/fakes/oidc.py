"""An agency's sign-in over HTTP on this machine: OpenID Connect, code flow, PKCE, strict.

What it says in a token is in `claims` (changed by a test); what it was asked is in `asked`.
"""

import hashlib
import hmac
import json
import socket
import threading
import uuid
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import uvicorn
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

CLIENT, SECRET = "jeokgeuk", "a secret: with / signs"
_RSA = RSAKey.generate_key(2048, parameters={"kid": "rsa-1", "use": "sig"})
_EC = ECKey.generate_key("P-256", parameters={"kid": "ec-1", "use": "sig"})


@dataclass
class Provider:
    """Set what the next token says; `alg` None makes one that nobody signed."""

    now: Callable[[], datetime]
    url: str = ""
    subject: str = "subject-1"
    claims: dict[str, Any] = field(default_factory=dict)
    without: set[str] = field(default_factory=set)
    alg: str | None = "RS256"
    issuer: str | None = None  # what its document says of itself, when that is a lie
    kid: str | None = None
    more: dict[str, Any] = field(default_factory=dict)  # what else its document says
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._document),
                Route("/keys", self._keys),
                Route("/token", self._token, methods=["POST"]),
            ]
        )

    def agrees(self, go: str) -> str:
        """Be the person who signs in there; gives the address that the browser is sent back to."""
        parts = urlsplit(go)
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{self.url}/authorize"
        asked = dict(parse_qsl(parts.query))
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert asked["scope"] == "openid"
        assert asked["client_id"] == CLIENT
        self.asked.append(("authorize", asked))
        code = uuid.uuid4().hex
        self._codes[code] = asked
        back = {"code": code, "state": asked["state"], "iss": self.url}
        return f"{asked['redirect_uri']}?{urlencode(back)}"

    async def _document(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.issuer or self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
            }
            | self.more
        )

    async def _keys(self, _request: Request) -> Response:
        self.asked.append(("keys", {}))
        return JSONResponse({"keys": [_RSA.as_dict(private=False), _EC.as_dict(private=False)]})

    async def _token(self, request: Request) -> Response:
        form = {key: str(value) for key, value in (await request.form()).items()}
        self.asked.append(("token", form))
        user, _, word = b64decode(request.headers["authorization"][6:]).decode().partition(":")
        asked = self._codes.pop(form["code"], None)  # a code is good once
        proof = hashlib.sha256(form["code_verifier"].encode()).digest()
        if (
            asked is None
            or (unquote(user), unquote(word)) != (CLIENT, SECRET)
            or form["grant_type"] != "authorization_code"
            or form["redirect_uri"] != asked["redirect_uri"]
            or _b64(proof) != asked["code_challenge"]
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse({"id_token": self._signed(asked["nonce"]), "token_type": "Bearer"})

    def _signed(self, nonce: str) -> str:
        at = int(self.now().timestamp())
        told = {
            "iss": self.url, "sub": self.subject, "aud": CLIENT, "nonce": nonce,
            "iat": at, "exp": at + 300,
        } | self.claims  # fmt: skip
        told = {key: value for key, value in told.items() if key not in self.without}
        if self.alg in {None, "HS256"}:
            return self._forged(told)
        key = _EC if self.alg == "ES256" else _RSA
        header = {"alg": self.alg, "kid": self.kid or key.kid}
        return jwt.encode(header, told, key, algorithms=[self.alg])

    def _forged(self, told: dict[str, Any]) -> str:
        """Leave it unsigned, or (the old trick) sign with the public key as a password."""
        parts = ({"alg": self.alg or "none", "kid": "rsa-1"}, told)
        text = ".".join(_b64(json.dumps(one).encode()) for one in parts)
        if self.alg is None:
            return f"{text}."
        return f"{text}.{_b64(hmac.digest(_RSA.as_pem(private=False), text.encode(), 'sha256'))}"


def _b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


@contextmanager
def serving(now: Callable[[], datetime]) -> Iterator[Provider]:
    """Serve a provider on a free port of this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    provider = Provider(now, f"http://127.0.0.1:{port}")
    config = uvicorn.Config(
        provider.app(), port=port, log_level="error", access_log=False, lifespan="off"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
    try:
        yield provider
    finally:
        server.should_exit = True
        thread.join(5)
