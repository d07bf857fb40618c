"""The words of a filing: what somebody wrote in it, whatever its form asks."""

from collections.abc import Mapping
from typing import Any

from bot.services.base import Desk

PERSON = ("name", "address", "reply_by", "email", "phone", "call_time")
"""What says who it was: sealed apart from the report, under a key of its own."""

WRITTEN = frozenset({"text", "long", "place"})
APART = frozenset({*PERSON, "prior_no"})
"""Lines that are no words of the matter: who it was, and numbers of earlier petitions."""


def words(svc: Desk, procedure: str, values: Mapping[str, Any]) -> str:
    """Give what was written, in the order in which it was asked, an answer a paragraph."""
    steps = svc.catalogue.form(procedure).steps
    asked = (step.name for step in steps if step.input in WRITTEN and step.name not in APART)
    said = (values.get(name) for name in asked)
    plain = (one.get("text") if isinstance(one, Mapping) else one for one in said)
    return "\n".join(str(one) for one in plain if one)
