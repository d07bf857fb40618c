"""`site.toml`: what the agency says of itself.

What the law wants told stops the start when it is missing; what only feeds one feature switches
that feature off, and `Site.off()` names it with its reason.
"""

import os
import tomllib
from collections.abc import Mapping
from datetime import date, time
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    Field,
    StrictBool,
    StrictInt,
    ValidationError,
    field_validator,
    model_validator,
)

from bot.errors import BadStart, no_toml, unreadable
from bot.settings_newsletter import NewsletterSite
from bot.settings_values import (
    Misfit,
    Part,
    Said,
    SlackCommand,
    SlackRoom,
    Url,
    first_mistake,
    web_address,
)
from storage.files import others_read


class TelegramSite(Part):
    """What the consent to keep words abroad has to name (개인정보 보호법 제28조의8 ②)."""

    recipient: str = ""
    contact: str = ""
    countries: str = ""
    retention: str = ""
    last_checked: date | None = None
    onion: str = ""

    def may_continue(self) -> bool:
        """Tell whether the second door may be shown: all that the consent names is known."""
        told = (self.recipient, self.contact, self.countries, self.retention)
        return all(part.strip() for part in told) and self.last_checked is not None


class PassiveReportSite(Part):
    """The agency's own choice where the law leaves one (rules.md says which)."""

    days: Annotated[int, Field(ge=1, le=60)] = 7
    basis: str = "민원처리법 시행령 제17조 제1항(고충민원 7일)"


class PreconsultingSite(Part):
    """사전컨설팅: a period, if the agency has set one (no law does), and who may ask for it."""

    days: Annotated[int, Field(ge=0, le=365)] = 0
    request_days: Annotated[int, Field(ge=0, le=365)] = 0  # to answer such a request
    basis: str = ""
    citizens: bool = False  # who applied for a permit may ask the office in charge for it
    doc_no_required: bool = False


class NationalApplicationSite(Part):
    """국민신청 길잡이: how often somebody who agreed is asked, and for how long. No law says so."""

    ask_days: Annotated[int, Field(ge=1, le=180)] = 14
    follow_days: Annotated[int, Field(ge=1, le=730)] = 180


class Limit(Part):
    """A time limit of another procedure with the day on which somebody looked it up."""

    days: Annotated[int, Field(ge=1, le=730)]
    source: Said
    checked: date


OidcRole = Literal[
    "intake", "unit_member", "auditor", "unit_head", "audit_head", "chief", "examiner",
    "admin", "inspector", "editor",
]  # fmt: skip
"""The roles of `bot.services.base`, one floor above."""


class OidcSite(Part):
    """The agency's own sign-in (OpenID Connect); groups are named by their id, never by a name."""

    issuer: Url
    client_id: Said
    secret_file: Path | None = None  # none: a public client, with PKCE alone
    label: Said
    hosts: tuple[Said, ...] = ()  # where else its keys and tokens come from
    groups_claim: Said = "groups"
    groups: Mapping[str, tuple[OidcRole, ...]] = Field(default_factory=dict)
    mfa: bool = False
    sign_out_there: bool = True

    def secret(self) -> str:
        """Read the client's secret; raises `BadStart` naming the setting."""
        if self.secret_file is None:
            return ""
        try:
            if others_read(self.secret_file.stat(), os.geteuid()):
                raise BadStart(
                    "site.toml", "oidc.secret_file", "다른 사람도 읽을 수 있습니다(chmod 600)"
                )
            found = self.secret_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise BadStart("site.toml", "oidc.secret_file", "읽을 수 없습니다") from None
        if not found:
            raise BadStart("site.toml", "oidc.secret_file", "비어 있습니다")
        return found


class KnowledgeSite(Part):
    """What the service knows beside what the agency writes itself."""

    shipped: bool = True
    """Whether the cases that come with the service are shown to everybody."""
    permission: str = "출처를 밝히고 사실만 다시 쓴 것"
    """On what terms a case is shown that says nothing of its own."""
    k: Annotated[int, Field(ge=2, le=50)] = 5
    """So many people must share what a case of a closed filing tells of where and when."""
    copied: Annotated[int, Field(ge=5, le=100)] = 20
    """So many signs in a row such a case may share with what the reporter wrote."""
    nameless: bool = False
    """Whether a filing without a name may become a case too."""
    reporter: Literal["told", "none"] = "told"
    """Whether the reporter has to be told that it may become one; no law says so."""
    kiwi: bool = False
    """Whether cases are also found by their words (extra `kiwi`): half a gigabyte, seconds to start."""


class KeepSite(Part):
    """How long what is no public record is kept; filed cases never go by themselves."""

    record_years: Annotated[int, Field(ge=0, le=100)] = 0
    """Whole years after the year in which a case was closed; 0: not confirmed, nothing is let go."""
    answers_hours: Annotated[int, Field(ge=24, le=168)] = 24
    commands_days: Annotated[int, Field(ge=7, le=90)] = 7
    sent_days: Annotated[int, Field(ge=1, le=365)] = 30
    links_days: Annotated[int, Field(ge=0, le=30)] = 1
    loose_files_days: Annotated[int, Field(ge=1, le=30)] = 2
    runs_days: Annotated[int, Field(ge=60, le=3650)] = 400
    questions_days: Annotated[int, Field(ge=30, le=1825)] = 365
    sendings_days: Annotated[int, Field(ge=30, le=730)] = 180
    """How long it is known who was sent what: corrections go to them."""
    bundle_identity: bool = False
    requests_by: Literal["intake", "audit_head", "both"] = "both"


class Election(Part):
    """Election days known to the agency: publicity is held back before them."""

    local: bool = True
    """Whether the day on which heads of local governments are elected is one of them by law."""
    days: tuple[date, ...] = ()
    before: Annotated[int, Field(ge=0, le=400)] = 180
    confirmed: date | None = None


InEnglish = Literal[
    "agency", "audit_unit", "audit_head", "hours", "visit_place", "retention",
    "privacy_officer", "processors", "self_route", "ombudsman",
    "telegram_recipient", "telegram_countries", "telegram_retention",
]  # fmt: skip


ProcedureId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Site(Part):
    """`site.toml`: what the agency says of itself. The names are those of the forms' guide."""

    agency: Said
    audit_unit: Said
    audit_phone: Said
    call: Said
    hours: Said
    retention: Said
    policy_url: Url
    privacy_officer: Said
    processors: Said
    visit_place: str = ""
    audit_head: str = ""
    self_route: str = ""
    ombudsman: str = ""
    road_call: str = ""
    damage_url: str = ""
    corruption_url: str = ""
    office_hours: tuple[time, time] = (time(9), time(18))
    lunch: tuple[time, time] = (time(12), time(13))
    agency_holidays: tuple[date, ...] = ()
    receive: Literal["auto", "person"] = "auto"
    need_address: Literal["full", "town", "none"] = "full"
    reply_channels: tuple[Literal["email", "sms", "post", "phone"], ...] = (
        "email",
        "post",
        "phone",
    )
    doc_no_required: bool = True
    document_required: bool = True
    other_system: str = ""
    due_authority: Literal["ours", "theirs"] = "ours"
    identity_check: Literal["none", "phone", "sso"] = "none"
    overdue_notice: Literal["auto", "reviewed"] = "auto"
    idle_days: Annotated[int, Field(ge=0, le=60)] = 5  # working days; 0: nobody is reminded
    morning_mail: bool = True
    overdue_every_days: Annotated[int, Field(ge=1, le=30)] = 5
    unreached_hours: Annotated[int, Field(ge=12, le=168)] = 12
    refer_wait_days: Annotated[int, Field(ge=1, le=10)] = 2
    views_shown: Literal["first", "count"] = "first"
    guard_intake: tuple[str, ...] = ()  # accounts at 접수 that see a report before it is confirmed
    anonymous_talk: bool = True
    draft_days: Annotated[int, Field(ge=1, le=365)] = 30
    unused_peer_hours: Annotated[int, Field(ge=1, le=720)] = 24
    approval_age_days: Annotated[int, Field(ge=0, le=90)] = 7
    rights_log_years: Annotated[int, Field(ge=1, le=30)] = 3
    call_hours: Annotated[int, Field(ge=1, le=40)] = 4
    call_keep_days: Annotated[int, Field(ge=1, le=90)] = 7
    budget_newcomers: Annotated[int, Field(ge=10, le=1_000_000)] = 2000
    budget_drafts: Annotated[int, Field(ge=10, le=1_000_000)] = 2000
    budget_filings: Annotated[int, Field(ge=10, le=1_000_000)] = 200
    budget_questions: Annotated[int, Field(ge=10, le=1_000_000)] = 200
    budget_megabytes: Annotated[int, Field(ge=10, le=1_000_000)] = 2000
    measured_minutes: Annotated[int, Field(ge=1, le=60)] | None = None
    slack: Literal["off", "numbers", "full"] | None = None  # none: numbers, where there is a token
    slack_reason: str = ""  # why the agency lets words of a report into it
    slack_channel: SlackRoom = ""  # the audit office's own
    slack_aliases: tuple[SlackCommand, ...] = ()
    totp: Literal["required", "optional"] = "required"
    oidc: OidcSite | None = None
    access_log_years: Annotated[int, Field(ge=1, le=10)] = 1
    access_log_hourly: Annotated[int, Field(ge=1, le=1000)] = 30
    telegram: TelegramSite = TelegramSite()
    passive_report: PassiveReportSite = PassiveReportSite()
    preconsulting: PreconsultingSite = PreconsultingSite()
    national_application: NationalApplicationSite = NationalApplicationSite()
    keep: KeepSite = KeepSite()
    knowledge: KnowledgeSite = KnowledgeSite()
    newsletter: NewsletterSite = NewsletterSite()
    limits: Mapping[str, Limit] = Field(default_factory=dict)
    procedures: Mapping[ProcedureId, Mapping[str, StrictBool | StrictInt]] = Field(
        default_factory=dict
    )  # numbers and switches of procedures that the agency adds itself
    election_hold: Election = Election()
    epeople_down: bool = False
    public_statistics: bool = False  # a page of figures for everybody, small numbers hidden
    en: Mapping[InEnglish, Said] = Field(default_factory=dict)

    @field_validator("office_hours", "lunch")
    @classmethod
    def _in_order(cls, value: tuple[time, time]) -> tuple[time, time]:
        if value[0] >= value[1]:
            raise ValueError("시작이 끝보다 늦습니다")
        return value

    @model_validator(mode="after")
    def _lunch_inside(self) -> Self:
        (opens, closes), (begins, ends) = self.office_hours, self.lunch
        if not opens < begins < ends < closes:
            raise Misfit("lunch", "office_hours의 근무시간 안에 있어야 합니다")
        return self

    @model_validator(mode="after")
    def _why_slack(self) -> Self:
        if self.slack == "full" and not self.slack_reason.strip():
            raise Misfit(
                "slack_reason", 'slack = "full"에는 기관이 그렇게 정한 까닭이 있어야 합니다'
            )
        return self

    @field_validator("damage_url", "corruption_url")
    @classmethod
    def _address(cls, value: str) -> str:
        return web_address(value) if value else value

    def wants_document(self) -> bool:
        """Tell whether an answer goes out only with the approved document beside it."""
        return self.doc_no_required and self.document_required

    def value(self, path: str) -> Any:
        """Give a setting by its name, `passive_report.days`; raises AttributeError.

        `procedures.<id>.<name>` is a setting that a procedure of the agency's own made up: None
        until it is set.
        """
        found: Any = self
        for name in path.split("."):
            inside = isinstance(found, Mapping)
            found = found.get(name, {}) if inside else getattr(found, name)
        return None if isinstance(found, Mapping) and not found else found

    def number(self, path: str) -> int:
        """Give a setting that is a number; raises AttributeError, ValueError."""
        return int(self.value(path))

    def off(self) -> Mapping[str, str]:
        """Name every feature that a missing value switched off, with the value's key."""
        missing = {
            "telegram.second_door": "" if self.telegram.may_continue() else "telegram.*",
            "unit.self": "" if self.self_route else "self_route",
            "overdue.ombudsman": "" if self.ombudsman else "ombudsman",
            "pressure": "" if self.audit_head else "audit_head",
            "road_call": "" if self.road_call else "road_call",
            "damage": "" if self.damage_url else "damage_url",
            "corruption": "" if self.corruption_url else "corruption_url",
            "visit": "" if self.visit_place else "visit_place",
            "external_no": "" if self.other_system else "other_system",
        }
        return {feature: key for feature, key in missing.items() if key}

    def named(self, name: str, lang: str) -> str:
        """Give what the agency says of itself (`agency`…), in a language if it has a wording."""
        words = self.words()
        return words.get(f"{name}.{lang}") or words[name]

    def words(self) -> Mapping[str, str]:
        """Give the site's parameters of every sentence, as `{agency}` stands in the texts."""
        plain = {
            name: str(value)
            for name, value in self.model_dump().items()
            if isinstance(value, str | int) and not isinstance(value, bool)
        }
        own = {f"telegram_{k}": str(v or "") for k, v in self.telegram.model_dump().items()}
        spans = {
            "lunch": "~".join(map(_hour, self.lunch)),
            "lunch.en": "-".join(f"{at:%H:%M}" for at in self.lunch),
        }
        english = {f"{name}.en": value for name, value in self.en.items()}
        roads = {"reply_channels": ",".join(self.reply_channels)}
        limits = {
            f"limits.{name}.{key}": str(value)
            for name, limit in self.limits.items()
            for key, value in limit.model_dump().items()
        }
        numbers = {
            "days": str(self.passive_report.days),
            "follow_days": str(self.national_application.follow_days),
            "epeople_down": "yes" if self.epeople_down else "no",
            "public_statistics": "yes" if self.public_statistics else "",
        }
        return plain | own | spans | english | roads | limits | numbers


def _hour(at: time) -> str:
    return f"{at.hour}시 {at.minute}분" if at.minute else f"{at.hour}시"


def read_site(path: Path) -> Site:
    """Read `site.toml`; raises `BadStart` naming the file and the key."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadStart(str(path), "JEOKGEUK_SITE", unreadable(error)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadStart(str(path), "site.toml", no_toml(error)) from None
    try:
        return Site.model_validate(raw)
    except ValidationError as error:
        raise BadStart(str(path), *first_mistake(error)) from None
