"""What a whole report across the parts needs."""

from tests.services.conftest import catalog, texts

__all__ = ["catalog", "texts"]
