"""Pages before one database; what is behind them runs on both."""

from tests.desk.conftest import database

__all__ = ["database"]
