from tests.services.conftest import Office, build, catalog, clock, office, site, texts

__all__ = ["Office", "build", "catalog", "clock", "office", "site", "texts"]
