"""Everything that differs from one installation to the next: read once, checked, passed down.

Two sources: the environment (addresses, secrets, places) and `site.toml` (what the agency says
of itself). Whatever is missing or weak stops the start by its name; what only feeds one feature
switches that feature off instead, and `Site.off()` names it with its reason.
"""

import re
import tomllib
from collections.abc import Mapping
from datetime import date, time
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    DirectoryPath,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from bot.errors import BadStart

REHEARSAL_MARK = "rehearsal"
"""Tokens of a rehearsal say so (`1:rehearsal…`): neither kind can be given the other's (S32)."""

VENDOR_HOSTS = ("telegram.org", "slack.com", "kakao.com")
TELEGRAM_API = "https://api.telegram.org"


def _said(text: str) -> str:
    """Refuse an empty value and a placeholder that nobody filled in."""
    if not text.strip() or text.strip().lower() in {"todo", "tbd", "…", "...", "changeme"}:
        raise ValueError("비어 있습니다")
    return text.strip()


def _https_or_loopback(url: str) -> str:
    """Refuse an address that sends words in clear over a network."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("http(s) 주소가 아닙니다")
    if parts.username or parts.query or parts.fragment:
        raise ValueError("주소에 계정, 물음표 뒤, # 뒤를 적지 않습니다")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("https여야 합니다(이 컴퓨터 안의 주소만 http)")
    return url.rstrip("/")


def is_loopback(host: str) -> bool:
    """Tell whether a host name means this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


Said = Annotated[str, AfterValidator(_said)]
Url = Annotated[str, AfterValidator(_https_or_loopback)]


class _Part(BaseModel):
    """Frozen, and an unknown key is a mistake that is told."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class TelegramSite(_Part):
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


class PassiveReportSite(_Part):
    """The agency's own choice where the law leaves one (rules.md says which)."""

    days: Annotated[int, Field(ge=1, le=60)] = 7
    basis: str = "민원처리법 시행령 제17조 제1항(고충민원 7일)"


class Limit(_Part):
    """A time limit of another procedure with the day on which somebody looked it up."""

    days: Annotated[int, Field(ge=1, le=730)]
    source: Said
    checked: date


class Election(_Part):
    """Election days known to the agency: publicity is held back before them."""

    days: tuple[date, ...] = ()
    before: Annotated[int, Field(ge=0, le=400)] = 180
    confirmed: date | None = None


InEnglish = Literal[
    "agency", "audit_unit", "audit_head", "hours", "visit_place", "retention",
    "privacy_officer", "processors", "self_route", "ombudsman",
    "telegram_recipient", "telegram_countries", "telegram_retention",
]  # fmt: skip


class Site(_Part):
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
    identity_check: Literal["none", "phone", "sso"] = "none"
    overdue_notice: Literal["auto", "reviewed"] = "auto"
    overdue_every_days: Annotated[int, Field(ge=1, le=30)] = 5
    refer_wait_days: Annotated[int, Field(ge=1, le=10)] = 2
    views_shown: Literal["first", "count"] = "first"
    anonymous_talk: bool = True
    draft_days: Annotated[int, Field(ge=1, le=365)] = 30
    unused_peer_hours: Annotated[int, Field(ge=1, le=720)] = 24
    slack: Literal["off", "numbers", "full"] | None = None
    telegram: TelegramSite = TelegramSite()
    passive_report: PassiveReportSite = PassiveReportSite()
    limits: Mapping[str, Limit] = Field(default_factory=dict)
    election_hold: Election = Election()
    epeople_down: bool = False
    en: Mapping[InEnglish, Said] = Field(default_factory=dict)

    @field_validator("office_hours", "lunch")
    @classmethod
    def _in_order(cls, value: tuple[time, time]) -> tuple[time, time]:
        if value[0] >= value[1]:
            raise ValueError("시작이 끝보다 늦습니다")
        return value

    @field_validator("damage_url", "corruption_url")
    @classmethod
    def _address(cls, value: str) -> str:
        return _https_or_loopback(value) if value else value

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
        }
        return {feature: key for feature, key in missing.items() if key}

    def words(self) -> Mapping[str, str]:
        """Give the site's parameters of every sentence, as `{agency}` stands in the texts."""
        plain = {
            name: str(value)
            for name, value in self.model_dump().items()
            if isinstance(value, str | int) and not isinstance(value, bool)
        }
        own = {f"telegram_{k}": str(v or "") for k, v in self.telegram.model_dump().items()}
        spans = {
            name: f"{span[0]:%H:%M}~{span[1]:%H:%M}"
            for name, span in (("office_hours", self.office_hours), ("lunch", self.lunch))
        }
        english = {f"{name}.en": value for name, value in self.en.items()}
        roads = {"reply_channels": ",".join(self.reply_channels)}
        return plain | own | spans | english | roads | {"days": str(self.passive_report.days)}


class Settings(BaseModel):
    """The environment, checked. Field names are the variables' names in lower case."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    jeokgeuk_kind: Literal["rehearsal", "service"]
    jeokgeuk_data: Path
    jeokgeuk_site: Path
    jeokgeuk_public_url: Url
    jeokgeuk_desk_url: Url | None = None
    jeokgeuk_key_file: Path | None = None
    jeokgeuk_keys: SecretStr | None = None
    jeokgeuk_bind: str = "127.0.0.1"
    jeokgeuk_port: Annotated[int, Field(ge=0, le=65535)] = 8080
    jeokgeuk_desk_bind: str = "127.0.0.1"
    jeokgeuk_desk_port: Annotated[int, Field(ge=0, le=65535)] | None = None
    jeokgeuk_proxies: tuple[str, ...] = ()
    jeokgeuk_overlay: DirectoryPath | None = None
    jeokgeuk_log: Literal["debug", "info", "warning", "error"] = "info"
    database_url: SecretStr = SecretStr("")
    telegram_token: SecretStr | None = None
    telegram_webhook_secret: SecretStr | None = None
    telegram_api_url: Url = TELEGRAM_API
    telegram_mode: Literal["webhook", "poll"] = "webhook"
    telegram_files: DirectoryPath | None = None
    smtp_url: SecretStr | None = None
    mail_from: str = ""
    site: Site

    @property
    def kind(self) -> Literal["rehearsal", "service"]:
        return self.jeokgeuk_kind

    @property
    def data(self) -> Path:
        return self.jeokgeuk_data

    @property
    def database(self) -> str:
        """The database's address; SQLite in the data folder when none is given."""
        given = self.database_url.get_secret_value()
        return given or f"sqlite:///{self.jeokgeuk_data / 'jeokgeuk.db'}"

    @property
    def public_url(self) -> str:
        return self.jeokgeuk_public_url

    @property
    def desk_url(self) -> str:
        return self.jeokgeuk_desk_url or f"{self.jeokgeuk_public_url}/desk"

    def secrets(self) -> tuple[str, ...]:
        """Give the values that must never stand in a log line."""
        found = [
            value.get_secret_value()
            for value in (getattr(self, name) for name in type(self).model_fields)
            if isinstance(value, SecretStr) and value.get_secret_value()
        ]
        for address in (self.database_url, self.smtp_url):
            password = urlsplit(address.get_secret_value()).password if address else None
            found += [password] if password else []
        if self.jeokgeuk_keys is not None:
            found += self.jeokgeuk_keys.get_secret_value().replace(",", " ").split()
        return tuple(dict.fromkeys(found))

    @field_validator("jeokgeuk_proxies", mode="before")
    @classmethod
    def _list(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(str(ip_network(p.strip())) for p in value.split(",") if p.strip())
        return value

    @field_validator("telegram_webhook_secret")
    @classmethod
    def _long(cls, value: SecretStr | None) -> SecretStr | None:
        # The Bot API takes 1–256 of [A-Za-z0-9_-]; what can be guessed opens our route.
        text = value.get_secret_value() if value else None
        if text is not None and (len(text) < 32 or len(set(text)) < 8 or len(text) > 256):
            raise ValueError("32자 이상, 서로 다른 글자 8개 이상이어야 합니다")
        if text is not None and not re.fullmatch(r"[A-Za-z0-9_-]+", text):
            raise ValueError("영문자, 숫자, _, -만 씁니다")
        return value

    @model_validator(mode="after")
    def _together(self) -> Self:
        for name, reason in self._misfits():
            raise Misfit(name, reason)
        return self

    def _misfits(self) -> list[tuple[str, str]]:
        """Name what is right by itself and wrong beside the rest."""
        wrong: list[tuple[str, str]] = []
        if (self.jeokgeuk_keys is None) == (self.jeokgeuk_key_file is None):
            wrong.append(("JEOKGEUK_KEY_FILE", "JEOKGEUK_KEYS와 둘 중 하나만 있어야 합니다"))
        if self.jeokgeuk_key_file and self.jeokgeuk_key_file.resolve().is_relative_to(
            self.jeokgeuk_data.resolve()
        ):
            wrong.append(("JEOKGEUK_KEY_FILE", "자료 폴더 밖에 두어야 합니다"))
        hook = self.telegram_token is not None and self.telegram_mode == "webhook"
        if hook and self.telegram_webhook_secret is None:
            wrong.append(("TELEGRAM_WEBHOOK_SECRET", "webhook에는 비밀 머리글이 필요합니다"))
        return wrong + self._strangers()

    def _strangers(self) -> list[tuple[str, str]]:
        """Name what belongs to the other kind of instance (S32)."""
        token = self.telegram_token.get_secret_value() if self.telegram_token else ""
        marked = token.partition(":")[2].startswith(REHEARSAL_MARK)
        wrong: list[tuple[str, str]] = []
        if self.kind == "service":
            if marked:
                wrong.append(("TELEGRAM_TOKEN", "연습용 토큰입니다"))
            if urlsplit(self.public_url).scheme != "https":
                wrong.append(("JEOKGEUK_PUBLIC_URL", "운영에서는 https여야 합니다"))
            return wrong
        if token and not marked:
            wrong.append(("TELEGRAM_TOKEN", f"연습에는 '…:{REHEARSAL_MARK}…' 토큰만 씁니다"))
        if token and _is_vendor(self.telegram_api_url):
            wrong.append(("TELEGRAM_API_URL", "연습에서는 실제 서비스의 주소를 쓰지 않습니다"))
        if self.smtp_url is not None:
            host = urlsplit(self.smtp_url.get_secret_value()).hostname or ""
            if not is_loopback(host):
                wrong.append(("SMTP_URL", "연습에서는 이 컴퓨터 안의 메일 서버만 씁니다"))
        return wrong


class Misfit(ValueError):  # noqa: N818 - a word of ours
    """A setting that does not fit beside another one."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(reason)
        self.name = name


def _is_vendor(url: str) -> bool:
    host = (urlsplit(url).hostname or "").rstrip(".")
    return any(host == vendor or host.endswith(f".{vendor}") for vendor in VENDOR_HOSTS)


def read_site(path: Path) -> Site:
    """Read `site.toml`; raises `BadStart` naming the file and the key."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadStart(str(path), "site.toml", f"읽을 수 없습니다({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadStart(str(path), "site.toml", f"TOML이 아닙니다: {error}") from None
    try:
        return Site.model_validate(raw)
    except ValidationError as error:
        where, reason = _first(error)
        raise BadStart(str(path), where, reason) from None


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read the environment and the site file; raises `BadStart` naming the variable.

    An empty variable counts as missing: compose files and shells leave them behind.
    """
    given: dict[str, Any] = {
        name: environ[name.upper()]
        for name in Settings.model_fields
        if name != "site" and environ.get(name.upper(), "").strip()
    }
    for name in ("jeokgeuk_kind", "jeokgeuk_data", "jeokgeuk_site", "jeokgeuk_public_url"):
        if name not in given:
            raise BadStart("settings", name.upper(), "값이 없습니다")
    given["site"] = read_site(Path(given["jeokgeuk_site"]))
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        where, reason = _first(error)
        raise BadStart("settings", where.upper(), reason) from None


def _first(error: ValidationError) -> tuple[str, str]:
    """Give the first mistake as key and reason, never with the value (it may be a secret)."""
    first = error.errors(include_url=False, include_input=False)[0]
    cause = first.get("ctx", {}).get("error")
    if isinstance(cause, Misfit):
        return cause.name, str(cause)
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "missing":
        return where, "값이 없습니다"
    if first["type"] == "extra_forbidden":
        return where, "모르는 이름입니다"
    said = first["msg"].removeprefix("Value error, ")
    ours = any("가" <= letter <= "힣" for letter in said)
    return where, said if ours else "여기에 쓸 수 없는 값입니다"
