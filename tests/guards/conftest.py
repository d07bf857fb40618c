"""The small city's office, for who may see what."""

from tests.services.conftest import build, catalog, clock, office, site, texts

__all__ = ["build", "catalog", "clock", "office", "site", "texts"]
