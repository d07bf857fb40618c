"""What has to be made anew when the ring turns, beside the addresses of peers (security S6)."""

from storage.repositories import external_numbers, filings, finders, sketches
from storage.unit import Unit

LIMIT = 200


def reindex(unit: Unit) -> int:
    """Make a number of keyed indexes anew under the first key; 0: the rotation is complete."""
    found = finders.stale(unit, LIMIT)
    for filing_id in found:
        filing = filings.get(unit, filing_id)
        assert filing is not None
        finders.put(unit, filing_id, filings.identity(unit, filing))
    alike = sketches.stale(unit, LIMIT)
    for filing_id in alike:
        filing = filings.get(unit, filing_id)
        assert filing is not None
        sketches.put(unit, filing_id, filing.sid, filings.answers(unit, filing))
    return len(found) + len(alike) + external_numbers.reindex(unit, LIMIT)
