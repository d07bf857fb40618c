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
    token = {"TELEGRAM_TOKEN": "1:realtokenrealtokenreal"}
    assert "TELEGRAM_WEBHOOK_SECRET" in stops(env, **token)
    assert read_settings(env | token | {"TELEGRAM_MODE": "poll"}).telegram_token is not None
    assert read_settings(env | token | {"TELEGRAM_WEBHOOK_SECRET": SECRET}).telegram_token


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
            "TELEGRAM_TOKEN": "1:abcdefghij",
            "TELEGRAM_WEBHOOK_SECRET": SECRET,
        }
    )
    secrets = settings.secrets()
    assert {"pgpassword", "mailpassword", "1:abcdefghij", SECRET, "k1:aaaabbbb"} <= set(secrets)
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
    assert words["lunch"] == "12:00~13:00"
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
    context = Context(datetime(2026, 11, 23, 10, tzinfo=SEOUL), Texts.load(), site=words)
    if part == "town":
        assert Address("address").parse("가온시 중앙동", context) == "가온시 중앙동"
    else:
        with pytest.raises(Reject):
            Address("address").parse("가온시 중앙동", context)


@pytest.mark.parametrize(
    ("name", "value"),
    [("JEOKGEUK_PORT", "x"), ("JEOKGEUK_PORT", "70000"), ("JEOKGEUK_LOG", "loud")],
)
def test_a_reason_is_never_in_a_foreign_tongue(env: dict[str, str], name: str, value: str) -> None:
    assert stops(env, **{name: value}) == f"settings: {name}: 여기에 쓸 수 없는 값입니다"
