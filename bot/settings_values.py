"""What one value of the settings may look like, and how a mistake is told: its reason, never it.

Every value may be a secret, so a message names the key and what is wrong, not what stood there.
"""

import re
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_core import ErrorDetails

PORT_RANGE = "1~65535 사이의 수여야 합니다"

REHEARSAL_MARK = "rehearsal"
"""Tokens of a rehearsal say so (`1:rehearsal…`): neither kind can be given the other's (S32)."""

EPEOPLE = "https://www.epeople.go.kr"
"""국민신문고: the portal that the law names for what is filed there alone."""

TOKEN = re.compile(rf"[0-9]+:({REHEARSAL_MARK}[A-Za-z0-9_-]*|[A-Za-z0-9_-]{{30,}})")
"""As BotFather writes them, the bot's number before the colon; half a token is a copying slip."""


class Part(BaseModel):
    """Frozen, and an unknown key is a mistake that is told."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def said(text: str) -> str:
    """Refuse an empty value and a placeholder that nobody filled in."""
    if not text.strip() or text.strip().lower() in {"todo", "tbd", "…", "...", "changeme"}:
        raise ValueError("비어 있습니다")
    return text.strip()


def split_address(url: str) -> SplitResult:
    """Take an address apart; raises ValueError in Korean for what is none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        reason = (
            f"주소가 아닙니다(포트는 {PORT_RANGE}. 계정과 비밀번호의 특수문자는 %로 바꿔 적습니다)"
        )
        raise ValueError(reason) from None
    if port == 0:
        raise ValueError(f"포트는 {PORT_RANGE}")
    if re.search(r"\s", parts.netloc):
        raise ValueError("주소에 빈칸이 있습니다")
    return parts


def web_address(url: str) -> str:
    """Refuse an address that sends words in clear over a network."""
    parts = split_address(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("http(s) 주소가 아닙니다(https://부터 적습니다)")
    if parts.username or parts.query or parts.fragment:
        raise ValueError("주소에 계정, 물음표 뒤, # 뒤를 적지 않습니다")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("https여야 합니다(이 컴퓨터 안의 주소만 http)")
    return url.rstrip("/")


def web_host(url: str) -> str:
    """Refuse a path: the citizens' pages and the webhooks begin at the root of their host."""
    if urlsplit(url).path:
        raise ValueError("호스트 이름까지만 적습니다(뒤에 /…가 없는 주소)")
    return url


def mail_server(url: SecretStr) -> SecretStr:
    """Refuse what is no `smtp://user:password@host:port`."""
    parts = split_address(url.get_secret_value())
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ValueError("smtp:// 또는 smtps:// 주소가 아닙니다(예: smtps://mail.example:465)")
    return url


def mailbox(address: str) -> str:
    """Refuse what cannot have a reader's mark behind a plus sign: 64 signs before the `@`."""
    if re.fullmatch(r"[A-Za-z0-9._-]{1,24}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", address):
        return address
    raise ValueError("이름@도메인이어야 합니다(이름은 영문자·숫자 24자까지, + 없이)")


def dns_name(name: str) -> str:
    """Refuse what is no name in the DNS."""
    label = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    if re.fullmatch(rf"{label}(\.{label})*", name):
        return name.lower()
    raise ValueError("영문자·숫자·-·.만 씁니다(한글 도메인은 xn--… 꼴로)")


def database_address(url: SecretStr) -> SecretStr:
    """Refuse what cannot be taken apart; the rest is said when the database is opened.

    Several hosts stand side by side, as libpq writes them: `postgresql://u:p@a:5432,b:5432/name`.
    """
    scheme, mark, rest = url.get_secret_value().partition("://")
    place, stroke, behind = rest.partition("/")
    account, at, hosts = place.rpartition("@")
    for host in hosts.split(","):
        split_address(f"{scheme}{mark}{account}{at}{host}{stroke}{behind}")
    return url


def bot_token(token: SecretStr) -> SecretStr:
    """Refuse what BotFather cannot have written."""
    if not TOKEN.fullmatch(token.get_secret_value()):
        raise ValueError(
            "봇 토큰의 모양(숫자:영문자와 숫자 30자 이상)이 아닙니다. 다시 복사해 주세요"
        )
    return token


def scanner(address: str) -> str:
    """Refuse what is no socket of clamd."""
    if address.startswith("unix:/") or re.fullmatch(r"tcp://[^\s:/]+:[0-9]{1,5}", address):
        return address
    raise ValueError("unix:/경로 또는 tcp://호스트:포트여야 합니다")


def is_loopback(host: str) -> bool:
    """Tell whether a host name means this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


Said = Annotated[str, AfterValidator(said)]
Url = Annotated[str, AfterValidator(web_address)]
Host = Annotated[str, AfterValidator(web_address), AfterValidator(web_host)]
Minutes = Annotated[int, Field(ge=1, le=1440)]
Megabytes = Annotated[int, Field(ge=1, le=1024)]
Days = Annotated[int, Field(ge=1, le=365)]
PerSecond = Annotated[float, Field(ge=0.01, le=1000, allow_inf_nan=False)]
Port = Annotated[int, Field(ge=1, le=65535)]
Connections = Annotated[int, Field(ge=1, le=200)]
MailServer = Annotated[SecretStr, AfterValidator(mail_server)]
DnsName = Annotated[str, AfterValidator(dns_name)]
Mailbox = Annotated[str, AfterValidator(mailbox)]
DatabaseAddress = Annotated[SecretStr, AfterValidator(database_address)]
Scanner = Annotated[str, AfterValidator(scanner)]
BotToken = Annotated[SecretStr, AfterValidator(bot_token)]
SlackTeam = Annotated[str, Field(pattern=r"^$|^(E[A-Z0-9]{2,20}:)?T[A-Z0-9]{2,20}$")]
"""The workspace, below its enterprise where there is one: account ids are unique only within."""
SlackCommand = Annotated[str, Field(pattern=r"^/[^\s/]{1,31}$")]
"""At most 32 signs with its stroke (platforms.md 2.1)."""
SlackRoom = Annotated[str, Field(pattern=r"^$|^[CG][A-Z0-9]{2,20}$")]


class Misfit(ValueError):  # noqa: N818 - a word of ours
    """A setting that does not fit beside another one."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(reason)
        self.name = name


REASONS = {
    "missing": "값이 없습니다",
    "extra_forbidden": "모르는 이름입니다. 철자를 확인해 주세요",
    "greater_than_equal": "{ge} 이상이어야 합니다",
    "less_than_equal": "{le} 이하여야 합니다",
    "literal_error": "{expected} 가운데 하나여야 합니다",
    "path_not_directory": "그런 폴더가 없습니다",
    "too_long": "값이 너무 많습니다",
}
KINDS = {
    "int": "정수여야 합니다",
    "float": "수여야 합니다",
    "string": "따옴표로 싼 글이어야 합니다",
    "bool": "true나 false여야 합니다",
    "date": "날짜여야 합니다(예: 2026-01-31)",
    "time": "시각이어야 합니다(예: 09:00)",
    "tuple": "목록이어야 합니다(예: [1, 2])",
    "model": "표여야 합니다([이름] 아래에 줄마다 적습니다)",
    "dict": "표여야 합니다([이름] 아래에 줄마다 적습니다)",
    "mapping": "표여야 합니다([이름] 아래에 줄마다 적습니다)",
}
"""What pydantic's names of mistakes begin with (`int_parsing`, `int_type`…)."""


def first_mistake(error: ValidationError) -> tuple[str, str]:
    """Give the first mistake as key and reason, never with the value (it may be a secret).

    The keys of all mistakes that have the same reason are named at once.
    """
    found = [_mistake(one) for one in error.errors(include_url=False, include_input=False)]
    reason = found[0][1]
    same = dict.fromkeys(where for where, why in found if why == reason)
    return ", ".join(same), reason


def _mistake(one: ErrorDetails) -> tuple[str, str]:
    given = one.get("ctx", {})
    cause = given.get("error")
    if isinstance(cause, Misfit):
        return cause.name, str(cause)
    where, kind = [str(part) for part in one["loc"]], one["type"]
    if where[-1:] == ["[key]"]:
        where, kind = where[:-1], "extra_forbidden"
    return ".".join(where), _reason(kind, given, str(cause or ""))


def _reason(kind: str, given: dict[str, object], own: str) -> str:
    if own and any("가" <= letter <= "힣" for letter in own):
        return own
    if kind in REASONS:
        return REASONS[kind].format(**given).replace(" or ", ", ")
    return KINDS.get(kind.partition("_")[0], "여기에 쓸 수 없는 값입니다")
