"""What every service function is given, and who asks."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, TypeVar, get_args

from bot.dialogs.form import Form
from bot.dialogs.replies import Phrase
from bot.locale import Texts
from bot.services.library import Library
from bot.settings import Site
from knowledge.calendar import WorkCalendar
from knowledge.procedures import Files, Procedure, Procedures
from storage.repositories.filings import Filing
from storage.unit import Unit

F = TypeVar("F", bound=Filing)

Role = Literal[
    "intake", "unit_member", "auditor", "unit_head", "audit_head", "chief", "examiner",
    "admin", "inspector", "editor",
]  # fmt: skip
ROLES: tuple[Role, ...] = get_args(Role)
"""접수 담당, 업무 담당자, 감사 담당, 부서장, 감사 부서장, 적극행정 책임관, 민원심사관, 관리자, 점검자, 소식 편집자."""


class Catalogue(Protocol):
    """What is derived from the procedure files (`bot.catalogue`, one floor above)."""

    def move_form(self, procedure: str, version: int, action: str) -> Form[Any] | None:
        """Give the form of a move's fields; None when the move asks nothing."""
        ...

    def form(self, procedure: str) -> Form[Any]:
        """Give the form of a procedure's filing; raises KeyError."""
        ...


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: an official, a citizen on a peer, somebody with number and code, or the clock."""

    kind: Literal["official", "citizen", "clock"]
    user_id: int | None = None
    name: str = ""
    unit_id: int | None = None
    roles: frozenset[str] = frozenset()
    peer_id: int | None = None
    filing_id: int | None = None  # somebody who showed number and code sees this one only
    network: str = ""  # where an official came from, for the access log
    stands_for: frozenset[int] = frozenset()  # whose deputy (대직) an official is today
    first: bool = True  # at 접수: sees what nobody has confirmed yet (S8)
    stands_in: bool = False  # in some unit's chain: has what is given to him, and nothing else

    @property
    def mark(self) -> str:
        """Name the actor in the journal: an account's number, never a person's name (S35)."""
        return f"user:{self.user_id}" if self.kind == "official" else self.kind

    @property
    def hands(self) -> frozenset[int]:
        """Name whose assignments this official works on: his own, and by 대직 others'."""
        own = frozenset() if self.user_id is None else frozenset({self.user_id})
        return own | self.stands_for

    def may(self, *roles: str) -> bool:
        return bool(self.roles.intersection(roles))


ANONYMOUS = "anonymous"


def hour(at: datetime) -> datetime:
    """Give the hour alone: what a filing without a name shows of its times (S1)."""
    return at.replace(minute=0, second=0, microsecond=0)


def stamp(mode: str, at: datetime, actor: Actor | None = None) -> datetime:
    """Give the time that an open column may show: exact with a name, or of an official."""
    exact = mode != ANONYMOUS or (actor is not None and actor.kind == "official")
    return at if exact else hour(at)


def state_of(texts: Texts, procedure: str, state: str) -> Phrase:
    """Give the word for a state; one that a later release brought is called so (S23)."""
    key = texts.own(f"state.{state}", procedure)
    return Phrase(key if texts.has(key) else "state.later")


CLOCK = Actor("clock", roles=frozenset({"clock"}))


def citizen(peer_id: int | None, filing_id: int | None = None) -> Actor:
    """Make the actor of a reporter: of a peer, or of the one filing whose code was shown."""
    return Actor("citizen", peer_id=peer_id, roles=frozenset({"citizen"}), filing_id=filing_id)


@dataclass(frozen=True, slots=True)
class Office:
    """The officials' messenger, if the agency has one, and how much it may be told.

    `channel` names it, "" without one; `account` is the agency's own place there, outside which
    nobody is known (security S29); `room` the audit office's room, "" without one. `numbers`:
    number, procedure, state, dates and who works on it; `full`: words and notes as well.
    """

    channel: str = ""
    account: str = ""
    room: str = ""
    level: Literal["off", "numbers", "full"] = "off"

    @property
    def on(self) -> bool:
        return self.level != "off"

    @property
    def words(self) -> bool:
        """Tell whether words of a report may be shown there."""
        return self.level == "full"


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts that services need, passed as their first value.

    `calendar` reads the agency's days off from the open transaction; `now` is aware (UTC);
    `random(n)` gives n random bytes. `public_url` is the agency's page, `desk_url` the desk.
    """

    texts: Texts
    procedures: Procedures
    catalogue: Catalogue
    site: Site
    calendar: Callable[[Unit], WorkCalendar]
    now: Callable[[], datetime]
    random: Callable[[int], bytes]
    public_url: str
    desk_url: str
    office: Office = Office()
    library: Library = field(default_factory=Library)
    relay: Literal["", "outside", "inside"] = ""  # which side of two networks this is

    def offers(self, rules: Procedure, by: Files = "citizen") -> bool:
        """Tell whether a procedure may be begun here by a citizen, or by an official."""
        needs = rules.filing.needs
        return by in rules.filing.by and (not needs or bool(self.site.value(needs)))

    def offered(self, by: Files = "citizen") -> tuple[Procedure, ...]:
        """Give what may be begun here, in the order of the menu; what is in no menu comes last."""
        found = (one for one in self.procedures.values() if self.offers(one, by))
        return tuple(sorted(found, key=lambda one: (not one.filing.menu, one.filing.menu, one.id)))

    def menu(self, by: Files = "citizen") -> tuple[Procedure, ...]:
        """Give what the first screen offers."""
        return tuple(one for one in self.offered(by) if one.filing.menu)

    def own(self, key: str, procedure: str) -> str:
        """Give a text's key as this procedure says it, where it has words of its own."""
        return self.texts.own(key, procedure)

    def state(self, procedure: str, state: str) -> Phrase:
        """Give the word by which officials know a state."""
        return state_of(self.texts, procedure, state)

    def known(self, found: Iterable[F]) -> list[F]:
        """Leave filings by rules of a later release to that release's clock (S23)."""
        return [
            one for one in found if self.procedures.knows(one.procedure, one.procedure_version)
        ]

    def title(self, procedure: str) -> str:
        """Give the name of a procedure; one of a later release is called so (S23)."""
        if procedure in self.procedures:
            return self.procedures[procedure].title
        return self.texts.render(Phrase("procedure.later"), "ko", {})
