"""The agency's own sign-in: from an ID token to an official, and from groups to roles (S30).

An official is (issuer, subject), never an e-mail. Groups count by id through the site's map; a
claim that is missing or was cut short gives no role, and a grave role waits for a second person,
once. Nothing here speaks over the network.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.errors import Refused
from bot.services import (
    access,
    accounts,
    approvals,
    endings,
    house,
    officials,
    rights,
    signing,
    totp,
)
from bot.services.approvals import Approval
from bot.services.base import Actor, Desk
from bot.services.rights import GRAVE
from bot.services.sessions import Session, new_secret
from bot.services.signing import Caller, Half
from bot.settings import OidcSite
from storage.repositories import approvals as asked
from storage.repositories import identities, rates, tickets, users
from storage.unit import Unit

KIND, GROUP = "oidc", "group_role"
LIFE = timedelta(minutes=10)
AGAIN = timedelta(days=30)  # after a no, nobody is asked about the same roles for so long
ALGORITHMS = ("RS256", "ES256")
LEEWAY = 60  # seconds that two clocks may be apart
FRESH = 600  # seconds since the agency asked for more than a password
STRONG = frozenset({"mfa", "otp", "hwk", "sc", "fpt", "face"})  # RFC 8176
PLACE = (6.0, 40)


@dataclass(frozen=True, slots=True)
class Way:
    """On the way to the agency's sign-in: `secret` is the browser's, the rest goes along."""

    secret: str
    state: str
    nonce: str
    challenge: str


@dataclass(frozen=True, slots=True)
class Back:
    """What was kept while somebody was away; used up by asking for it."""

    nonce: str
    verifier: str
    wanted: str
    invite: str


def leave(svc: Desk, unit: Unit, wanted: str, invite: str, salted: str) -> Way:
    """Begin: what is secret stays here, sealed, for ten minutes.

    `invite` is the secret of an invitation that ties the account. Raises `Refused` access.slow,
    access.invite_gone.
    """
    from authlib.oauth2.rfc7636 import create_s256_code_challenge  # noqa: PLC0415 - see `claims`

    every, burst = PLACE
    wait = rates.take(unit, f"oidc:net:{salted}", every=every, burst=burst)
    if wait:
        raise Refused("access.slow", seconds=round(wait) + 1)
    if invite and access.invited(svc, unit, invite) is None:
        raise Refused("access.invite_gone")
    secret, nonce, verifier = new_secret(svc), new_secret(svc), new_secret(svc)
    kept = {"nonce": nonce, "verifier": verifier, "wanted": wanted, "invite": invite}
    now = svc.now()
    tickets.add(unit, secret, KIND, now, now + LIFE, detail=json.dumps(kept).encode())
    return Way(secret, state_of(secret), nonce, create_s256_code_challenge(verifier))


def state_of(secret: str) -> str:
    """Give the `state` that belongs to a browser's secret: it may be seen, the secret not."""
    return hashlib.sha256(b"oidc state\0" + secret.encode()).hexdigest()


def back(svc: Desk, unit: Unit, secret: str) -> Back | None:
    """Take what was kept for a browser that comes back, once."""
    used = tickets.use(unit, secret, KIND, svc.now()) if secret else None
    return Back(**json.loads(used.detail)) if used is not None else None


def claims(
    svc: Desk, unit: Unit, site: OidcSite, token: str, keys: Mapping[str, Any], nonce: str
) -> Mapping[str, Any]:
    """Check an ID token (OpenID Connect Core §3.1.3.7). Raises `Refused` oidc.failed."""
    # Two megabytes for whoever never sees a token: loaded where one is read.
    from joserfc import jwt  # noqa: PLC0415
    from joserfc.errors import JoseError  # noqa: PLC0415
    from joserfc.jwk import KeySet  # noqa: PLC0415

    now = int(totp.wall(svc, unit).timestamp())
    must: Any = {"essential": True}
    wants = {
        "iss": must | {"value": site.issuer},
        "aud": must | {"value": site.client_id},
        "nonce": must | {"value": nonce},
        "exp": must,
        "iat": must,
        "sub": must,
    }
    try:
        found = jwt.decode(token, KeySet.import_key_set(keys), algorithms=list(ALGORITHMS))  # type: ignore[arg-type]
        jwt.JWTClaimsRegistry(now=now, leeway=LEEWAY, **wants).validate(found.claims)
    except (JoseError, ValueError, TypeError, KeyError):
        raise Refused("oidc.failed") from None
    told = found.claims
    several = isinstance(told["aud"], list) and len(told["aud"]) > 1
    if (several or "azp" in told) and told.get("azp") != site.client_id:
        raise Refused("oidc.failed")
    if not isinstance(told["sub"], str) or not 0 < len(told["sub"]) <= 255:
        raise Refused("oidc.failed")
    return told


def enter(
    svc: Desk, unit: Unit, site: OidcSite, told: Mapping[str, Any], kept: Back, caller: Caller
) -> Session | Half:
    """Let in whose identity it is, with the roles that the groups give today.

    Raises `Refused` oidc.unknown (nobody has tied it), access.wrong (closed),
    access.invite_gone, oidc.tied.
    """
    subject = str(told["sub"])
    if kept.invite:
        _tie_by_invitation(svc, unit, site, subject, kept.invite)
    user_id = identities.user_of(unit, site.issuer, subject)
    who = officials.official(unit, user_id) if user_id is not None else None
    if who is None or not who.active:
        raise Refused("oidc.unknown")
    identities.seen(unit, site.issuer, subject, svc.now())
    _roles(svc, unit, site, who.id, told)
    after = officials.official(unit, who.id)
    assert after is not None
    if _strong(svc, unit, site, told):
        return signing.open_(svc, unit, officials.actor(after), caller, KIND)
    return signing.through(svc, unit, who.id, caller, road=KIND)


def tie(svc: Desk, unit: Unit, site: OidcSite, login: str, subject: str) -> None:
    """Tie an identity that the agency's directory names, from the command line.

    Raises `Refused` access.user_unknown, oidc.tied.
    """
    row = users.by_login(unit, login)
    if row is None:
        raise Refused("access.user_unknown")
    if not identities.add(unit, site.issuer, subject, row.id, svc.now()):
        raise Refused("oidc.tied")
    house.note(svc, unit, None, "identity_tied", {"user": row.id})


def _tie_by_invitation(svc: Desk, unit: Unit, site: OidcSite, subject: str, secret: str) -> None:
    actor = access.invited(svc, unit, secret)
    used = tickets.use(unit, secret, access.INVITE, svc.now())
    if actor is None or actor.user_id is None or used is None:
        raise Refused("access.invite_gone")
    if not identities.add(unit, site.issuer, subject, actor.user_id, svc.now()):
        raise Refused("oidc.tied")
    house.note(svc, unit, actor, "identity_tied", {"user": actor.user_id})


def groups_of(site: OidcSite, told: Mapping[str, Any]) -> frozenset[str] | None:
    """Read the groups; None where the claim is missing, cut short or not a list of ids.

    Entra says that a list was too long by `_claim_names` or `hasgroups` instead of the list.
    """
    elsewhere = told.get("_claim_names")
    if told.get("hasgroups") or (elsewhere and site.groups_claim in elsewhere):
        return None
    found = told.get(site.groups_claim)
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        return None
    return frozenset(found)


def _roles(svc: Desk, unit: Unit, site: OidcSite, user_id: int, told: Mapping[str, Any]) -> None:
    """Give and take the roles of groups; those that persons gave stay as they are."""
    if not site.groups:
        return
    groups = groups_of(site, told) or frozenset()
    wanted = {str(role) for group in groups for role in site.groups.get(group, ())}
    before, all_ = users.of_groups(unit, user_id), users.roles(unit, user_id)
    for role in identities.confirmed(unit, user_id) - wanted:
        identities.unconfirm(unit, user_id, role)
    good = (wanted - GRAVE) | (wanted & identities.confirmed(unit, user_id))
    good &= rights.together(frozenset(good | (all_ - before)))
    for role in sorted(good - all_):
        users.grant(unit, user_id, role, svc.now(), source="group")
        accounts.changed(svc, unit, user_id, "granted", role=role)
    for role in sorted(before - good):
        users.revoke(unit, user_id, role)
        accounts.changed(svc, unit, user_id, "revoked", role=role)
    if before - good:
        endings.ended(svc, unit, user_id, "role")
    elif good - all_:
        users.end_sessions(unit, user_id)
    if good - all_ or before - good:
        house.note(svc, unit, None, "roles_by_groups", {"user": user_id, "roles": sorted(good)})
    waits = sorted((wanted & GRAVE) - good - all_)
    if waits and not _refused_lately(svc, unit, user_id):
        reason = svc.texts.raw("oidc.reason")
        approvals.ask(svc, unit, None, GROUP, user_id, {"roles": waits}, reason)


def _refused_lately(svc: Desk, unit: Unit, user_id: int) -> bool:
    return any(
        one.kind == GROUP
        and one.subject == user_id
        and one.state == asked.REFUSED
        and one.ended_at is not None
        and one.ended_at > svc.now() - AGAIN
        for one in asked.ended(unit)
    )


def _confirmed(svc: Desk, unit: Unit, approval: Approval) -> None:
    """Let roles of groups count from now on: a second person has said yes."""
    for role in approval.detail["roles"]:
        identities.confirm(unit, approval.subject, role, svc.now())
        if users.grant(unit, approval.subject, role, svc.now(), source="group"):
            told: Any = {"by": approval.decided_by, "approval": approval.id}
            accounts.changed(svc, unit, approval.subject, "granted", role=role, **told)
    users.end_sessions(unit, approval.subject)
    by = Actor("official", approval.decided_by)
    house.note(svc, unit, by, "group_roles_confirmed", {"user": approval.subject})


def _strong(svc: Desk, unit: Unit, site: OidcSite, told: Mapping[str, Any]) -> bool:
    """Tell whether the agency itself asked for more than a password, just now (RFC 8176)."""
    how, at = told.get("amr"), told.get("auth_time")
    if not site.mfa or not isinstance(how, list) or not isinstance(at, int):
        return False
    now = totp.wall(svc, unit).timestamp()
    return bool(STRONG & {str(one) for one in how}) and now - at <= FRESH + LEEWAY


def _bound(unit: Unit, subject: int, _detail: Mapping[str, Any]) -> list[Any]:
    row = users.get(unit, subject)
    assert row is not None
    return [row.login, row.staff_no, row.active]


approvals.register(
    GROUP,
    approvals.Kind(
        askers=frozenset(),
        deciders=frozenset({"admin", "audit_head"}),
        carry_out=_confirmed,
        bound=_bound,
        about=accounts.about,
        person=True,
        tell_subject=True,
    ),
)
