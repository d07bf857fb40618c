"""Numbers: of an earlier complaint, and to call back; not that of an office."""

from __future__ import annotations

import re

_PHONE = re.compile(
    r"(?<![\d-])(?P<mobile>01[016789])[-–. ]{0,2}(?P<m1>\d{3,4})[-–. ]{0,2}(?P<m2>\d{4})(?![\d-])"
    r"|(?<![\d-])\(?(?P<area>0(?:2|3[1-3]|4[1-4]|5[1-5]|6[1-4]|70))\)?[-–. ]{0,2}(?P<a1>\d{3,4})[-–. ]{0,2}(?P<a2>\d{4})(?![\d-])"
)
_OFFICE = re.compile(
    r"(?:대표 ?(?:번호|전화)|안내 ?전화|콜센터|민원실|구청|시청|군청|부서|담당자|담당|사무소|보건소|센터|[가-힣]{2,}(?:과|팀))"
    r"(?:의|에|에서|은|는|인|으로|로)? ?(?:전화|번호|대표전화|전화번호)?(?:는|은|인|로|를|에)? ?$"
)


def phone(text: str) -> str | None:
    """Give the number as it is printed, a mobile one first; None where there is none."""
    found: list[tuple[bool, str]] = []
    for hit in _PHONE.finditer(text):
        if _OFFICE.search(text[max(0, hit.start() - 20) : hit.start()]):
            continue
        mobile = hit["mobile"] is not None
        parts = (
            (hit["mobile"], hit["m1"], hit["m2"])
            if mobile
            else (hit["area"], hit["a1"], hit["a2"])
        )
        found.append((mobile, "-".join(parts)))
    return max(found, key=lambda one: one[0])[1] if found else None


# 국민신문고: 1AA-2611-0123456.
_NUMBER = re.compile(
    r"(?<![0-9A-Za-z])(\d[A-Za-z]{2})\s?[-–—−]?\s?(\d{4})\s?[-–—−]?\s?(\d{6,7})(?!\d)"
)


def find_number(text: str) -> str | None:
    """Find the number of a complaint at 국민신문고, as it is printed; None for none or several."""
    found = {f"{a.upper()}-{b}-{c}" for a, b, c in _NUMBER.findall(text)}
    return found.pop() if len(found) == 1 else None
