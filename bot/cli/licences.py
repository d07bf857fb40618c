"""Writes the list of open-source parts: `python -m bot.cli.licences docs/security-review.md`."""

import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"
BEGIN, END = "<!-- 부품 -->", "<!-- /부품 -->"
LONGEST = 60  # signs: some packages put the whole text where the name should be

SAID = (
    ("Apache", "Apache-2.0"), ("MIT", "MIT"), ("BSD", "BSD"), ("ISC", "ISC"), ("MPL", "MPL-2.0"),
    ("Mozilla", "MPL-2.0"), ("LGPL", "LGPL"), ("Lesser General", "LGPL"), ("GPL", "GPL"),
    ("Python Software Foundation", "PSF-2.0"), ("Unlicense", "Unlicense"),
)  # fmt: skip
"""How older metadata writes a licence, and what it is called."""


def parts() -> dict[str, str]:
    """Give every package that the service runs with, and its licence, from what is installed."""
    asked = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    optional = asked.get("optional-dependencies", {})
    waiting = [*asked["dependencies"], *(one for extra in optional.values() for one in extra)]
    found: dict[str, str] = {}
    while waiting:
        wanted = Requirement(waiting.pop())
        name = canonicalize_name(wanted.name)
        if name in found or not _applies(wanted, ""):
            continue
        try:
            package = distribution(name)
        except PackageNotFoundError:
            continue
        found[name] = licence(package)
        extras = ("", *wanted.extras)
        for text in package.requires or ():
            inner = Requirement(text)
            if any(_applies(inner, extra) for extra in extras):
                inner.marker = None
                waiting.append(str(inner))
    return dict(sorted(found.items()))


def licence(package: Distribution) -> str:
    """Name the licence as the package itself does; the newer field first."""
    meta = package.metadata
    if "License-Expression" in meta:
        return meta["License-Expression"]
    classifiers = [str(one) for one in meta.get_all("Classifier") or ()]
    said = [one.rpartition("::")[2].strip() for one in classifiers if one.startswith("License ::")]
    written = meta["License"].strip().splitlines() if "License" in meta else []
    said += [one for one in written[:1] if len(one) <= LONGEST]
    known = [short for one in said for word, short in SAID if word in one]
    return " / ".join(dict.fromkeys(known[:1] or said)) or "적혀 있지 않음"


def _applies(wanted: Requirement, extra: str) -> bool:
    """Tell whether a requirement is one on the machine that the service is made for: Linux."""
    if wanted.marker is None:
        return True
    return wanted.marker.evaluate(
        {"extra": extra, "python_version": "3.11", "python_full_version": "3.11.0"}
    )


def table() -> Iterator[str]:
    """Give the list as Markdown."""
    yield "| 부품 | 라이선스 |"
    yield "|---|---|"
    for name, terms in parts().items():
        yield f"| {name} | {terms} |"


def put(text: str) -> str:
    """Give a document with the list as it is now between its marks."""
    made = "\n".join([BEGIN, "", *table(), "", END])
    return re.sub(f"{re.escape(BEGIN)}.*{re.escape(END)}", lambda _: made, text, flags=re.DOTALL)


if __name__ == "__main__":
    page = Path(sys.argv[1])
    page.write_text(put(page.read_text(encoding="utf-8")), encoding="utf-8")
