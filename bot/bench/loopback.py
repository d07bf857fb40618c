"""Starts the vendors that are not there, and reads what they accepted."""

import contextlib
import json
import subprocess
import sys
import urllib.request
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.bench.vendors import HOST

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True, slots=True)
class Vendors:
    """Where they listen."""

    telegram: int
    smtp: int

    @property
    def api(self) -> str:
        return f"http://{HOST}:{self.telegram}"

    @property
    def mail(self) -> str:
        return f"smtp://{HOST}:{self.smtp}"

    def ledger(self) -> dict[str, Any]:
        """Read what was accepted so far (`bot.bench.vendors.Book.plain`)."""
        return self._read("/ledger")

    def asked(self) -> int:
        """Say how often they were asked to send something."""
        return int(self._read("/asked")["asked"])

    def _read(self, path: str) -> dict[str, Any]:
        with urllib.request.urlopen(self.api + path, timeout=60) as answer:
            found: dict[str, Any] = json.load(answer)
        return found


@contextlib.contextmanager
def vendors(seed: int | None = None, of: int = 0) -> Generator[Vendors]:
    """Run them as a process of their own until the end; with a seed they are not always well."""
    words = [] if seed is None else ["--seed", str(seed), "--of", str(of)]
    command = [sys.executable, "-m", "bot.bench.vendors", *words]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Vendors(**json.loads(process.stdout.readline()))
        finally:
            process.stdin.close()


def run(*words: str, given: str = "", seconds: float = 900) -> dict[str, Any]:
    """Run a Python program to its end and read the figures of its last line."""
    done = subprocess.run(
        [sys.executable, *words], input=given, capture_output=True, text=True, check=False,
        cwd=ROOT, timeout=seconds,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{words[:2]}: {done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
