"""From which unit a filing comes, or of which one it is asked (decision 0017)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.services import officials, sight
from knowledge.procedures import Procedure
from storage.unit import Unit

OFFICE = "office"
"""The answer that names the unit of which a citizen asks something."""


@dataclass(frozen=True, slots=True)
class Author:
    """The official who files for his unit, and the head in whose name it goes (account ids)."""

    user_id: int | None
    unit_id: int
    approver_id: int | None = None
    after_id: int | None = None  # the filing that this one goes on from


def columns(
    unit: Unit, rules: Procedure, values: Mapping[str, Any], author: Author | None
) -> dict[str, Any]:
    """Give the columns that say whose a filing is."""
    if author is not None:
        return {
            "reach": rules.filing.reach,
            "author_id": author.user_id,
            "from_unit_id": author.unit_id,
            "approver_id": author.approver_id,
            "after_id": author.after_id,
        }
    asked = values.get(OFFICE)
    if rules.filing.reach != sight.UNIT or not isinstance(asked, dict):
        return {"reach": rules.filing.reach}
    found = officials.unit_by_code(unit, str(asked.get("value") or ""))
    return {"reach": rules.filing.reach, "from_unit_id": found["id"] if found else None}
