"""What lies on this machine: settings, keys, disk, fonts."""

import os
from collections.abc import Iterator
from pathlib import Path

import knowledge
from bot.cli.doctor.finding import Finding, fault, note, ok
from bot.settings import Settings
from storage.files import others_read
from storage.host import space

FONT = "Pretendard GOV"
FONTS = Path(knowledge.__file__).with_name("data") / "fonts"
ROOMS = {
    "no_files": ("파일을 받지 않는 중입니다", "1 GiB 넘게 비워 주세요"),
    "no_dialogs": ("새 신고를 받지 않는 중입니다", "지금 디스크를 비우거나 늘려 주세요"),
}


def site(settings: Settings) -> Iterator[Finding]:
    """Say what this installation is, and which features a missing value switched off."""
    kind = "연습" if settings.kind == "rehearsal" else "운영"
    yield ok("settings", f"{kind}: {settings.site.agency}")
    for feature, key in settings.site.off().items():
        yield note(
            "settings",
            f"꺼진 기능 {feature}: site.toml의 {key}가 비어 있습니다",
            "쓰려면 값을 적고 다시 시작해 주세요",
        )
    if settings.kind == "service" and settings.site.totp == "optional":
        yield fault(
            "totp",
            "직원이 비밀번호만으로 들어올 수 있습니다",
            "site.toml의 totp를 required로 바꾸고 다시 시작해 주세요",
        )
    if settings.jeokgeuk_desk_port is None:
        yield note(
            "parts",
            "직원 화면이 시민 화면과 한 프로세스에 있습니다",
            "나누려면 JEOKGEUK_DESK_PORT를 적거나 serve --parts desk로 따로 띄웁니다",
        )


def keys(settings: Settings) -> Iterator[Finding]:
    """Look at the key files: where they lie and who may read them."""
    files = {
        "JEOKGEUK_KEY_FILE": settings.jeokgeuk_key_file,
        "JEOKGEUK_DESK_KEY_FILE": settings.jeokgeuk_desk_key_file,
    }
    for name, path in files.items():
        if path is not None:
            yield from _key_file(name, path)
    if settings.jeokgeuk_keys is not None:
        yield note(
            "keys",
            "열쇠가 환경 변수에 있습니다(같은 계정의 프로세스가 볼 수 있습니다)",
            "JEOKGEUK_KEY_FILE로 옮겨 주세요",
        )


def _key_file(name: str, path: Path) -> Iterator[Finding]:
    try:
        found = path.stat()
    except OSError:
        yield fault("keys", f"{name}: 열쇠 파일을 볼 수 없습니다", "있는지와 권한을 봐 주세요")
        return
    if others_read(found, os.geteuid()):
        yield fault("keys", f"{name}: 다른 계정도 읽을 수 있습니다", f"chmod 600 {path}")
    elif found.st_uid not in {0, os.geteuid()}:
        yield note("keys", f"{name}: 다른 계정의 파일입니다", "서비스 계정의 것으로 바꿔 주세요")
    else:
        yield ok("keys", f"{name}: 이 계정만 읽습니다")


def disk(settings: Settings) -> Iterator[Finding]:
    """Say how much room is left beside the data."""
    if not settings.data.exists():
        yield note("disk", "자료 폴더가 아직 없습니다", "처음 시작할 때 만들어집니다")
        return
    found = space(settings.data)
    free = f"디스크 {found.free / 2**30:.1f} GiB 남음"
    if found.room == "enough":
        yield ok("disk", free)
    else:
        text, todo = ROOMS[found.room]
        yield fault("disk", f"{free}: {text}", todo)


def fonts() -> Iterator[Finding]:
    """Ask Typst for the Korean font, without which letters and copies would have no letters."""
    import typst  # noqa: PLC0415 - every command loads this module, one needs it

    families = typst.Fonts(include_system_fonts=False, font_paths=[str(FONTS)]).families()
    if FONT in families:
        yield ok("fonts", f"글꼴 {FONT}")
    else:
        yield fault("fonts", f"글꼴 {FONT}이 없습니다", "꾸러미를 다시 설치해 주세요")
