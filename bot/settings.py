"""Everything that differs from one installation to the next: read once, checked, passed down.

Two sources: the environment (addresses, secrets, places) and `site.toml` (what the agency says
of itself). Whatever is missing or weak stops the start by its name; what only feeds one feature
switches that feature off instead, and `Site.off()` names it with its reason.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    DirectoryPath,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from bot.errors import BadStart, unreadable
from bot.settings_site import OidcSite, PassiveReportSite, Site, TelegramSite, read_site
from bot.settings_values import (
    REHEARSAL_MARK,
    BotToken,
    Connections,
    DatabaseAddress,
    Days,
    DnsName,
    Host,
    Mailbox,
    MailServer,
    Megabytes,
    Minutes,
    Misfit,
    PerSecond,
    Port,
    Scanner,
    SlackTeam,
    Url,
    first_mistake,
    is_loopback,
)
from storage.limits import SIZE

__all__ = [
    "OidcSite",
    "PassiveReportSite",
    "Settings",
    "Site",
    "TelegramSite",
    "is_loopback",
    "read_settings",
    "read_site",
]

VENDOR_HOSTS = ("telegram.org", "slack.com", "kakao.com")
TELEGRAM_API = "https://api.telegram.org"
SLACK_API = "https://slack.com/api"
OWN_FILES = (
    "jeokgeuk_key_file", "jeokgeuk_desk_key_file", "mail_dkim_key_file", "jeokgeuk_relay_key_file",
)  # fmt: skip
"""Private keys, which lie beside the data nowhere."""


class Settings(BaseModel):
    """The environment, checked. Field names are the variables' names in lower case."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    jeokgeuk_kind: Literal["rehearsal", "service"]
    jeokgeuk_data: Path
    jeokgeuk_site: Path
    jeokgeuk_public_url: Host
    jeokgeuk_desk_url: Url | None = None
    jeokgeuk_key_file: Path | None = None
    jeokgeuk_keys: SecretStr | None = None
    jeokgeuk_desk_key_file: Path | None = None
    jeokgeuk_crypto: str = ""
    jeokgeuk_bind: str = "127.0.0.1"
    jeokgeuk_port: Port = 8080
    jeokgeuk_desk_bind: str = "127.0.0.1"
    jeokgeuk_desk_port: Port | None = None
    jeokgeuk_proxies: tuple[str, ...] = ()
    jeokgeuk_work_port: Port | None = None
    jeokgeuk_metrics_from: tuple[str, ...] = ()
    jeokgeuk_silent_tick: Minutes = 5
    jeokgeuk_silent_notice: Minutes = 60
    jeokgeuk_silent_inbound: Minutes = 10
    jeokgeuk_silent_outbound: Minutes = 30
    jeokgeuk_clock_url: Url | None = None
    jeokgeuk_backup_days: Days = 2
    jeokgeuk_overlay: DirectoryPath | None = None
    jeokgeuk_clamd: Scanner = ""
    jeokgeuk_backup_key: str = ""
    jeokgeuk_erasures_copy: Path | None = None
    jeokgeuk_log: Literal["debug", "info", "warning", "error"] = "info"
    jeokgeuk_pool: Connections = SIZE
    database_url: DatabaseAddress = SecretStr("")
    database_replica_url: DatabaseAddress | None = None
    telegram_token: BotToken | None = None
    telegram_webhook_secret: SecretStr | None = None
    telegram_api_url: Url = TELEGRAM_API
    telegram_mode: Literal["webhook", "poll"] = "webhook"
    telegram_files: DirectoryPath | None = None
    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_team: SlackTeam = ""
    slack_api_url: Url = SLACK_API
    slack_mode: Literal["socket", "http"] = "socket"
    smtp_url: MailServer | None = None
    mail_from: str = ""
    mail_per_second: PerSecond = 5.0
    mail_per_domain: PerSecond = 2.0
    mail_dkim_key_file: Path | None = None
    mail_dkim_selector: DnsName = ""
    mail_dkim_domain: DnsName = ""
    mail_bounce: Mailbox = ""
    mail_bounces: DirectoryPath | None = None
    jeokgeuk_relay: Literal["outside", "inside"] | None = None
    jeokgeuk_relay_out: Path | None = None
    jeokgeuk_relay_in: Path | None = None
    jeokgeuk_relay_key_file: Path | None = None
    jeokgeuk_relay_peer: str = ""
    jeokgeuk_relay_megabytes: Megabytes = 10
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
        for address in (self.database_url, self.database_replica_url, self.smtp_url):
            password = urlsplit(address.get_secret_value()).password if address else None
            found += [password] if password else []
        with suppress(BadStart):  # the public part has no such file; the desk says so by its name
            found += [secret] if self.site.oidc and (secret := self.site.oidc.secret()) else []
        if self.jeokgeuk_keys is not None:
            found += self.jeokgeuk_keys.get_secret_value().replace(",", " ").split()
        for file in (self.jeokgeuk_key_file, self.jeokgeuk_desk_key_file):
            found += _words(file)
        # Of a PEM file its long lines: "PRIVATE" and "KEY" are words of everybody's.
        for file in (self.mail_dkim_key_file, self.jeokgeuk_relay_key_file):
            found += [word for word in _words(file) if len(word) > 20]
        if self.site.oidc is not None:
            found += _words(self.site.oidc.secret_file)
        return tuple(dict.fromkeys(found))

    @field_validator("jeokgeuk_proxies", "jeokgeuk_metrics_from", mode="before")
    @classmethod
    def _list(cls, value: object) -> object:
        if isinstance(value, str):
            try:
                return tuple(str(ip_network(p.strip())) for p in value.split(",") if p.strip())
            except ValueError:
                raise ValueError("IP 주소나 대역이 아닙니다(예: 10.0.0.0/24)") from None
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
        for name in OWN_FILES:
            file: Path | None = getattr(self, name)
            if file and file.resolve().is_relative_to(self.jeokgeuk_data.resolve()):
                wrong.append((name.upper(), "자료 폴더 밖에 두어야 합니다"))
        hook = self.telegram_token is not None and self.telegram_mode == "webhook"
        if hook and self.telegram_webhook_secret is None:
            wrong.append(("TELEGRAM_WEBHOOK_SECRET", "webhook에는 비밀 머리글이 필요합니다"))
        here = (self.jeokgeuk_bind, self.jeokgeuk_port)
        if here == (self.jeokgeuk_desk_bind, self.jeokgeuk_desk_port):
            wrong.append(("JEOKGEUK_DESK_PORT", "JEOKGEUK_PORT와 다른 포트여야 합니다"))
        if self.mail_bounces is not None and not self.mail_bounce:
            wrong.append(
                ("MAIL_BOUNCE", "MAIL_BOUNCES를 읽으려면 그 우편함의 주소가 있어야 합니다")
            )
        return wrong + self._slack() + self._relay() + self._strangers()

    def _relay(self) -> list[tuple[str, str]]:
        """Name what the road between two networks lacks: all of it, or none."""
        names = ("jeokgeuk_relay_out", "jeokgeuk_relay_in", "jeokgeuk_relay_key_file")
        given = {name: getattr(self, name) for name in (*names, "jeokgeuk_relay_peer")}
        if self.jeokgeuk_relay is None:
            lonely = [name for name, value in given.items() if value]
            reason = "JEOKGEUK_RELAY(outside 또는 inside)와 함께 적습니다"
            return [(name.upper(), reason) for name in lonely]
        wrong = [
            (n.upper(), "JEOKGEUK_RELAY에는 이 값이 있어야 합니다") for n in given if not given[n]
        ]
        if self.jeokgeuk_relay_out and self.jeokgeuk_relay_out == self.jeokgeuk_relay_in:
            wrong.append(("JEOKGEUK_RELAY_IN", "JEOKGEUK_RELAY_OUT과 다른 폴더여야 합니다"))
        return wrong

    def _slack(self) -> list[tuple[str, str]]:
        """Name what Slack lacks: with a bot's token it must be possible to hear it too (S29)."""
        if self.slack_bot_token is None:
            return []
        wrong: list[tuple[str, str]] = []
        if not self.slack_team:
            wrong.append(
                ("SLACK_TEAM", "우리 기관의 워크스페이스 번호(T…, E…:T…)가 있어야 합니다")
            )
        if self.slack_mode == "socket" and self.slack_app_token is None:
            wrong.append(("SLACK_APP_TOKEN", "소켓 방식에는 xapp- 토큰이 있어야 합니다"))
        if self.slack_mode == "http" and self.slack_signing_secret is None:
            wrong.append(("SLACK_SIGNING_SECRET", "http 방식에는 서명 비밀이 있어야 합니다"))
        return wrong

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
        if self.slack_bot_token is not None and _is_vendor(self.slack_api_url):
            wrong.append(("SLACK_API_URL", "연습에서는 실제 서비스의 주소를 쓰지 않습니다"))
        if self.smtp_url is not None:
            host = urlsplit(self.smtp_url.get_secret_value()).hostname or ""
            if not is_loopback(host):
                wrong.append(("SMTP_URL", "연습에서는 이 컴퓨터 안의 메일 서버만 씁니다"))
        return wrong


def _words(path: Path | None) -> list[str]:
    """Give the words of a file of secrets; what cannot be read is told where it is needed."""
    try:
        return path.read_text(encoding="utf-8").split() if path is not None else []
    except (OSError, UnicodeDecodeError):
        return []


def _is_vendor(url: str) -> bool:
    host = (urlsplit(url).hostname or "").rstrip(".")
    return any(host == vendor or host.endswith(f".{vendor}") for vendor in VENDOR_HOSTS)


SECRETS = (
    "database_url", "database_replica_url", "telegram_token", "telegram_webhook_secret", "smtp_url",
    "slack_bot_token", "slack_app_token", "slack_signing_secret",
)  # fmt: skip
"""What may lie in a file instead of the environment, which every process of an account can read."""


def _from_files(environ: Mapping[str, str]) -> dict[str, Any]:
    """Read the secrets whose variable ends in `_FILE`; an empty file is a missing value."""
    found: dict[str, Any] = {}
    for name in SECRETS:
        variable = f"{name.upper()}_FILE"
        path = environ.get(variable, "").strip()
        if not path:
            continue
        if environ.get(name.upper(), "").strip():
            raise BadStart("settings", variable, f"{name.upper()}와 둘 중 하나만 있어야 합니다")
        try:
            text = Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise BadStart("settings", variable, unreadable(error)) from None
        except UnicodeDecodeError:
            raise BadStart("settings", variable, "UTF-8로 저장한 글이 아닙니다") from None
        if text:
            found[name] = text
    return found


NEEDED = ("jeokgeuk_kind", "jeokgeuk_data", "jeokgeuk_site", "jeokgeuk_public_url")


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read the environment and the site file; raises `BadStart` naming the variable.

    An empty variable counts as missing: compose files and shells leave them behind.
    """
    given: dict[str, Any] = _from_files(environ) | {
        name: environ[name.upper()]
        for name in Settings.model_fields
        if name != "site" and environ.get(name.upper(), "").strip()
    }
    missing = [name.upper() for name in NEEDED if name not in given]
    if missing:
        raise BadStart("settings", ", ".join(missing), "값이 없습니다")
    given["site"] = read_site(Path(given["jeokgeuk_site"]))
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        where, reason = first_mistake(error)
        raise BadStart("settings", where.upper(), reason) from None
