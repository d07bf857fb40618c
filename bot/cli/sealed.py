"""`verify --bundle`: whether a bundle that was handed out is still what left here."""

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bot.app import App
from bot.documents import bundle
from bot.documents.bundle import Opened
from storage import seals


def look(path: Path) -> Opened:
    """Open a bundle; raises BadParameter for what is none."""
    try:
        return bundle.look(path)
    except ValueError:
        raise typer.BadParameter(f"{path}: 여기서 내려받은 묶음이 아닙니다") from None


def outside(opened: Opened, public: Ed25519PublicKey) -> Iterator[str]:
    """Check a bundle with the public key and nothing else; gives what is wrong."""
    yield from (f"{name}: 내려받은 때와 다릅니다" for name in opened.wrong)
    seal = seals.read(opened.seal)
    if seal is None or not seals.holds(seal, opened.manifest, public):
        yield "이 열쇠로 서명한 묶음이 아닙니다"
        return
    at = seal.at.astimezone(ZoneInfo("Asia/Seoul"))
    typer.echo(f"✓ 서명이 맞습니다: {seal.number}, {at:%Y-%m-%d %H:%M:%S}")


def inside(opened: Opened, app: App) -> Iterator[str]:
    """Check a bundle with the keys of this installation."""
    seal = seals.read(opened.seal)
    public = seals.ours(app.store.ring, seal) if seal is not None else None
    if public is None:
        yield "이 설치가 서명한 묶음이 아닙니다"
        return
    yield from outside(opened, public)


def where(opened: Opened) -> tuple[str, str]:
    """Give number and end of the chain that a bundle names, both "" where it names none."""
    seal = seals.read(opened.seal)
    return (seal.number, str(seal.head)) if seal is not None else ("", "")
