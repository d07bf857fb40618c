import re
from datetime import date, datetime
from pathlib import Path

import pytest

from bot.dialogs.contacts import Address
from bot.dialogs.form import Context, Reject
from bot.dialogs.replies import Phrase
from bot.errors import BadStart
from bot.locale import Texts
from bot.settings import Site, read_settings, read_site
from knowledge.korean import SEOUL
from tests import shipped

SITE = """
agency = "가온시"
audit_unit = "감사담당관"
audit_phone = "000-123-4567"
call = "000-123-0000"
hours = "평일 9시~18시"
retention = "5년"
policy_url = "https://gaon.example/privacy"
privacy_officer = "총무과 000-123-1111"
processors = "없음"
"""
TOKEN = "4711:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw_"
SECRET = "aVeryLongSecretOfThisWebhook-0123456789"


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    site = tmp_path / "site.toml"
    site.write_text(SITE, encoding="utf-8")
    return {
        "JEOKGEUK_KIND": "service",
        "JEOKGEUK_DATA": str(tmp_path / "data"),
        "JEOKGEUK_SITE": str(site),
        "JEOKGEUK_PUBLIC_URL": "https://talk.gaon.example",
        "JEOKGEUK_KEY_FILE": str(tmp_path / "keys"),
    }


def stops(env: dict[str, str], **changes: str) -> str:
    with pytest.raises(BadStart) as stop:
        read_settings(env | changes)
    return str(stop.value)


def test_a_complete_environment_starts(env: dict[str, str], tmp_path: Path) -> None:
    settings = read_settings(env)
    assert settings.kind == "service"
    assert settings.database == f"sqlite:///{tmp_path / 'data' / 'jeokgeuk.db'}"
    assert settings.desk_url == "https://talk.gaon.example/desk"
    assert settings.site.passive_report.days == 7


def test_all_that_is_missing_is_named_at_once(env: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(BadStart) as stop:
        read_settings({})
    names = "JEOKGEUK_KIND, JEOKGEUK_DATA, JEOKGEUK_SITE, JEOKGEUK_PUBLIC_URL"
    assert str(stop.value) == f"settings: {names}: 값이 없습니다"
    (tmp_path / "site.toml").write_text('agency = "가온시"', encoding="utf-8")
    assert "audit_unit, audit_phone, call, hours, retention" in stops(env)


def test_settings_cannot_be_changed(env: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="frozen"):
        read_settings(env).jeokgeuk_port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    "name", ["JEOKGEUK_KIND", "JEOKGEUK_DATA", "JEOKGEUK_SITE", "JEOKGEUK_PUBLIC_URL"]
)
def test_a_missing_variable_stops_the_start_by_its_name(env: dict[str, str], name: str) -> None:
    assert name in stops(env, **{name: " "})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("JEOKGEUK_KIND", "demo"),
        ("JEOKGEUK_PORT", "many"),
        ("JEOKGEUK_PUBLIC_URL", "http://talk.gaon.example"),
        ("JEOKGEUK_PUBLIC_URL", "talk.gaon.example"),
        ("JEOKGEUK_PUBLIC_URL", "https://user:pw@talk.gaon.example"),
        ("TELEGRAM_WEBHOOK_SECRET", "short"),
        ("TELEGRAM_WEBHOOK_SECRET", "a" * 64),
        ("JEOKGEUK_KEYS", "one-too-many-sources"),
        ("JEOKGEUK_OVERLAY", "/no/such/folder"),
        ("TELEGRAM_FILES", "/no/such/folder"),
        ("JEOKGEUK_PROXIES", "10.0.0.1, the-proxy"),
    ],
)
def test_a_wrong_value_stops_the_start_by_its_name(
    env: dict[str, str], name: str, value: str
) -> None:
    said = stops(env, **{name: value})
    assert name in said or (name, "JEOKGEUK_KEY_FILE" in said) == ("JEOKGEUK_KEYS", True)
    assert value not in said or name == "JEOKGEUK_KIND"


def test_no_key_at_all_stops_the_start(env: dict[str, str]) -> None:
    assert "JEOKGEUK_KEY_FILE" in stops(env, JEOKGEUK_KEY_FILE="")


def test_a_key_file_inside_the_data_folder_stops_the_start(env: dict[str, str]) -> None:
    inside = str(Path(env["JEOKGEUK_DATA"]) / "sub" / "keys")
    assert "JEOKGEUK_KEY_FILE" in stops(env, JEOKGEUK_KEY_FILE=inside)


def test_a_webhook_without_its_secret_stops_the_start(env: dict[str, str]) -> None:
    token = {"TELEGRAM_TOKEN": TOKEN}
    assert "TELEGRAM_WEBHOOK_SECRET" in stops(env, **token)
    assert read_settings(env | token | {"TELEGRAM_MODE": "poll"}).telegram_token is not None
    assert read_settings(env | token | {"TELEGRAM_WEBHOOK_SECRET": SECRET}).telegram_token


SLACK = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_TEAM": "T0GAON"}


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("SLACK_TEAM", {"SLACK_TEAM": "", "SLACK_APP_TOKEN": "xapp-1"}),
        ("SLACK_TEAM", {"SLACK_TEAM": "gaon", "SLACK_APP_TOKEN": "xapp-1"}),
        ("SLACK_APP_TOKEN", {}),
        ("SLACK_SIGNING_SECRET", {"SLACK_MODE": "http"}),
    ],
)
def test_a_token_for_slack_wants_what_it_takes_to_hear_it(
    env: dict[str, str], name: str, changes: dict[str, str]
) -> None:
    assert name in stops(env, **(SLACK | changes))


def test_slack_is_heard_by_a_socket_or_by_signed_requests(env: dict[str, str]) -> None:
    assert read_settings(env | SLACK | {"SLACK_APP_TOKEN": "xapp-1"}).slack_mode == "socket"
    signed = {"SLACK_MODE": "http", "SLACK_SIGNING_SECRET": "s", "SLACK_TEAM": "E0CITY:T0GAON"}
    assert read_settings(env | SLACK | signed).slack_team == "E0CITY:T0GAON"


def test_a_service_refuses_what_belongs_to_a_rehearsal(env: dict[str, str]) -> None:
    poll = {"TELEGRAM_MODE": "poll", "TELEGRAM_TOKEN": "1:rehearsal-abcdef"}
    assert "TELEGRAM_TOKEN" in stops(env, **poll)
    assert "JEOKGEUK_PUBLIC_URL" in stops(env, JEOKGEUK_PUBLIC_URL="http://127.0.0.1:8080")


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("TELEGRAM_TOKEN", {"TELEGRAM_TOKEN": "1:a-real-one", "TELEGRAM_MODE": "poll"}),
        ("TELEGRAM_API_URL", {"TELEGRAM_TOKEN": "1:rehearsal-x", "TELEGRAM_MODE": "poll"}),
        (
            "TELEGRAM_API_URL",
            {
                "TELEGRAM_TOKEN": "1:rehearsal-x",
                "TELEGRAM_MODE": "poll",
                "TELEGRAM_API_URL": "https://API.Telegram.org.",
            },
        ),
        ("SLACK_API_URL", SLACK | {"SLACK_APP_TOKEN": "xapp-1"}),
        ("SMTP_URL", {"SMTP_URL": "smtp://mail.gaon.example:25"}),
        ("SMTP_URL", {"SMTP_URL": "smtp://10.0.0.7:25"}),
    ],
)
def test_a_rehearsal_refuses_the_real_world(
    env: dict[str, str], name: str, changes: dict[str, str]
) -> None:
    assert name in stops(env, JEOKGEUK_KIND="rehearsal", **changes)


def test_a_rehearsal_speaks_to_emulators(env: dict[str, str]) -> None:
    settings = read_settings(
        env
        | {
            "JEOKGEUK_KIND": "rehearsal",
            "JEOKGEUK_PUBLIC_URL": "http://localhost:8080/",
            "TELEGRAM_TOKEN": "1:rehearsal-token",
            "TELEGRAM_MODE": "poll",
            "TELEGRAM_API_URL": "http://127.0.0.1:8085",
            "SMTP_URL": "smtp://127.0.0.1:1025",
            "JEOKGEUK_PROXIES": "10.0.0.1, 10.0.0.2",
        }
    )
    assert settings.public_url == "http://localhost:8080"
    assert settings.jeokgeuk_proxies == ("10.0.0.1/32", "10.0.0.2/32")


def test_every_secret_is_known_to_the_redactor_and_shown_by_no_repr(env: dict[str, str]) -> None:
    settings = read_settings(
        env
        | {
            "JEOKGEUK_KEY_FILE": "",
            "JEOKGEUK_KEYS": "k1:aaaabbbb,k2:ccccdddd",
            "DATABASE_URL": "postgresql+psycopg://jt:pgpassword@db/jt",
            "SMTP_URL": "smtp://u:mailpassword@mail.example",
            "TELEGRAM_TOKEN": TOKEN,
            "TELEGRAM_WEBHOOK_SECRET": SECRET,
        }
    )
    secrets = settings.secrets()
    assert {"pgpassword", "mailpassword", TOKEN, SECRET, "k1:aaaabbbb"} <= set(secrets)
    assert settings.database.startswith("postgresql")
    assert not any(secret in repr(settings) for secret in secrets)


@pytest.mark.parametrize(
    "key",
    ["agency", "retention", "policy_url", "privacy_officer", "processors", "call", "hours"],
)
def test_what_the_law_wants_told_stops_the_start_when_it_is_empty(
    env: dict[str, str], key: str
) -> None:
    path = Path(env["JEOKGEUK_SITE"])
    lines = [line for line in SITE.splitlines() if not line.startswith(f"{key} ")]
    for text in ("\n".join(lines), "\n".join([*lines, f'{key} = " "'])):
        path.write_text(text, encoding="utf-8")
        assert f"{path}: {key}:" in stops(env)


@pytest.mark.parametrize(
    "line",
    [
        'lunch = ["13:00", "12:00"]',
        'receive = "maybe"',
        'damage_url = "ftp://x"',
        "no_such_key = 1",
        "[passive_report]\ndays = 0",
    ],
)
def test_a_wrong_site_file_stops_the_start_with_its_path(env: dict[str, str], line: str) -> None:
    path = Path(env["JEOKGEUK_SITE"])
    path.write_text(f"{SITE}\n{line}", encoding="utf-8")
    assert str(path) in stops(env)


def test_a_site_file_that_is_absent_or_no_toml_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(BadStart, match=r"none\.toml"):
        read_site(tmp_path / "none.toml")
    bad = tmp_path / "bad.toml"
    bad.write_text("agency =", encoding="utf-8")
    with pytest.raises(BadStart, match=r"bad\.toml"):
        read_site(bad)


def test_what_feeds_one_feature_only_switches_that_feature_off(env: dict[str, str]) -> None:
    site = read_settings(env).site
    assert not site.telegram.may_continue()
    assert site.off()["telegram.second_door"] == "telegram.*"
    assert site.off()["pressure"] == "audit_head"
    full = Site.model_validate(
        site.model_dump()
        | {
            "audit_head": "감사관",
            "damage_url": "https://gaon.example/damage",
            "telegram": {
                "recipient": "Telegram FZ-LLC",
                "contact": "https://telegram.org/privacy",
                "countries": "아랍에미리트",
                "retention": "계정을 없앨 때까지",
                "last_checked": date(2026, 11, 1),
            },
        }
    )
    assert full.telegram.may_continue()
    assert "pressure" not in full.off()
    assert "damage" not in full.off()


def test_sentences_find_their_parameters(env: dict[str, str]) -> None:
    words = read_settings(env).site.words()
    assert words["agency"] == "가온시"
    assert (words["lunch"], words["lunch.en"]) == ("12시~13시", "12:00-13:00")
    assert words["days"] == "7"
    assert words["telegram_recipient"] == ""
    assert all(isinstance(value, str) for value in words.values())


def test_an_agency_may_say_what_it_is_called_in_english(env: dict[str, str]) -> None:
    site = Path(env["JEOKGEUK_SITE"])
    english = SITE + '[en]\nagency = "Gaon City"\n'
    site.write_text(english, encoding="utf-8")
    words = read_site(site).words()
    assert (words["agency"], words["agency.en"]) == ("가온시", "Gaon City")
    texts = Texts({"ko": {"hello": "{agency} {call}"}, "en": {"hello": "{agency} {call}"}})
    assert texts.render(Phrase("hello"), "en", words) == "Gaon City 000-123-0000"
    assert texts.render(Phrase("hello"), "ko", words) == "가온시 000-123-0000"
    site.write_text(english.replace('agency = "Gaon', 'agnecy = "Gaon'), encoding="utf-8")
    assert "en.agnecy" in stops(env)


@pytest.mark.parametrize("part", ["full", "town", "none"])
def test_the_form_knows_how_much_of_an_address_the_agency_asks_for(
    env: dict[str, str], part: str
) -> None:
    site = Path(env["JEOKGEUK_SITE"])
    site.write_text(f'need_address = "{part}"\n' + SITE, encoding="utf-8")
    words = read_site(site).words()
    context = Context(datetime(2026, 11, 23, 10, tzinfo=SEOUL), shipped.texts(), site=words)
    if part == "town":
        assert Address("address").parse("가온시 중앙동", context) == "가온시 중앙동"
    else:
        with pytest.raises(Reject):
            Address("address").parse("가온시 중앙동", context)


ENGLISH = re.compile(r"[a-z]{3,} [a-z]{2,} [a-z]{2,}")


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("JEOKGEUK_PORT", "x", "정수여야 합니다"),
        ("JEOKGEUK_PORT", "0", "1 이상이어야 합니다"),
        ("JEOKGEUK_PORT", "70000", "65535 이하여야 합니다"),
        ("JEOKGEUK_DESK_PORT", "70000", "65535 이하여야 합니다"),
        ("JEOKGEUK_DESK_PORT", "8080", "JEOKGEUK_PORT와 다른 포트"),
        ("JEOKGEUK_LOG", "loud", "'debug', 'info', 'warning', 'error' 가운데 하나"),
        ("JEOKGEUK_PROXIES", "10.0.0.1, the-proxy", "IP 주소나 대역이 아닙니다"),
        ("JEOKGEUK_OVERLAY", "/no/such/folder", "그런 폴더가 없습니다"),
        ("JEOKGEUK_PUBLIC_URL", "talk.gaon.example", "https://부터 적습니다"),
        ("JEOKGEUK_PUBLIC_URL", "https://gaon.example/talk", "호스트 이름까지만"),
        ("JEOKGEUK_PUBLIC_URL", "https://gaon.example:99999", "1~65535"),
        ("JEOKGEUK_PUBLIC_URL", "https://gaon.example:0", "1~65535"),
        ("JEOKGEUK_PUBLIC_URL", "https://[gaon", "주소가 아닙니다"),
        ("JEOKGEUK_DESK_URL", "https://gaon talk.example", "빈칸"),
        ("SMTP_URL", "smtp://mail.example:70000", "1~65535"),
        ("SMTP_URL", "smtp://mail.example:0", "1~65535"),
        ("SMTP_URL", "smtp://mail.example:many", "1~65535"),
        ("SMTP_URL", "mail.example:25", "smtp:// 또는 smtps://"),
        ("DATABASE_URL", "postgresql://jt:geheim@db:port/jt", "1~65535"),
        ("DATABASE_URL", "postgresql://jt:geh[eim@db/jt", "특수문자는 %로"),
        ("TELEGRAM_TOKEN", "nothing", "봇 토큰의 모양"),
        ("TELEGRAM_TOKEN", "4711:half-of-it", "다시 복사"),
        ("TELEGRAM_TOKEN", f":{TOKEN}", "봇 토큰의 모양"),
        ("TELEGRAM_TOKEN", TOKEN.replace("A", " "), "봇 토큰의 모양"),
    ],
)
def test_a_wrong_value_is_told_by_its_reason_in_korean_and_never_shown(
    env: dict[str, str], name: str, value: str, reason: str
) -> None:
    said = stops(env, **{name: value})
    assert said.startswith(f"settings: {name}: ")
    assert reason in said
    assert not ENGLISH.search(said)
    assert "geh" not in said
    assert "half-of-it" not in said


@pytest.mark.parametrize(
    ("text", "key", "reason"),
    [
        (f"agnecy = 1\n{SITE}", "agnecy", "모르는 이름입니다"),
        (f"receive = 1\n{SITE}", "receive", "'auto', 'person' 가운데 하나"),
        (f"visit_place = 1\n{SITE}", "visit_place", "따옴표로 싼 글"),
        (f'draft_days = "many"\n{SITE}', "draft_days", "정수여야"),
        (f"draft_days = 9999\n{SITE}", "draft_days", "365 이하"),
        (f"anonymous_talk = 7\n{SITE}", "anonymous_talk", "true나 false"),
        (f'lunch = "noon"\n{SITE}', "lunch", "목록이어야"),
        (f'lunch = ["noon", "one"]\n{SITE}', "lunch.0, lunch.1", "시각이어야"),
        (f'lunch = ["17:30", "18:30"]\n{SITE}', "lunch", "근무시간 안"),
        (f'agency_holidays = ["some day"]\n{SITE}', "agency_holidays.0", "날짜여야"),
        (f"telegram = 3\n{SITE}", "telegram", "표여야"),
        (f"limits = 3\n{SITE}", "limits", "표여야"),
        (f"{SITE}agency = 'again'\n", "site.toml", "같은 이름을 두 번 적었습니다(11행"),
        (f"{SITE}agency", "site.toml", "TOML 문법에 맞지 않습니다"),
        ("agency =", "site.toml", "TOML 문법에 맞지 않습니다"),
    ],
)
def test_a_mistake_in_the_site_file_is_told_with_file_key_and_reason_in_korean(
    env: dict[str, str], text: str, key: str, reason: str
) -> None:
    path = Path(env["JEOKGEUK_SITE"])
    path.write_text(text, encoding="utf-8")
    said = stops(env)
    assert said.startswith(f"{path}: {key}: ")
    assert reason in said
    assert not ENGLISH.search(said)


def test_a_site_file_that_cannot_be_read_is_told_in_korean(env: dict[str, str]) -> None:
    path = Path(env["JEOKGEUK_SITE"])
    path.write_bytes("agency = '가온시'".encode("euc-kr"))
    assert "UTF-8로 저장한 글이 아닙니다" in stops(env)
    assert "JEOKGEUK_SITE: 파일이 아니라 폴더입니다" in stops(env, JEOKGEUK_SITE=str(path.parent))
    assert "그런 폴더나 파일이 없습니다" in stops(env, JEOKGEUK_SITE=str(path.parent / "none"))
