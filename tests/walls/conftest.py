"""A PostgreSQL with the four roles, and ways to open it as each part."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from storage.crypto import KeyRing, new_desk_text, new_key_text
from storage.migrate import migrate
from storage.roles import PART_ROLES, ROLES
from storage.store import Store, open_store
from tests.conftest import EMPTY, admin, named
from tests.services.conftest import catalog, texts

__all__ = ["catalog", "texts"]

NAME = "jt_walls"


@dataclass(frozen=True)
class Walls:
    """`ring` is what every part has, `desk` the whole with the private half."""

    server: str
    folder: Path
    ring: KeyRing
    desk: KeyRing

    def url(self, role: str = "") -> str:
        made = sa.make_url(named(self.server, NAME))
        return made.set(username=role or made.username).render_as_string(hide_password=False)

    def open(self, part: str, **changes: Any) -> Store:
        role = changes.pop("role", PART_ROLES.get(part, "jt_work"))
        secrets = changes.pop("secrets", self.ring if part == "public" else self.desk)
        chosen: dict[str, Any] = {"kind": "service", "least": 0, "part": part, **changes}
        return open_store(self.url(role), secrets=secrets, data_dir=self.folder, **chosen)


@pytest.fixture(scope="session")
def walled(postgres: str) -> str:
    """Make a database with the walls up; the accounts get their right to sign in as a DBA does.

    Other folders use it too, and each makes it anew: a fixture lives where it is imported.
    """
    admin(postgres, f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)", f"CREATE DATABASE {NAME}")
    migrate(named(postgres, NAME), with_roles=True)
    admin(postgres, *(f"ALTER ROLE {role} LOGIN" for role in ROLES))
    return postgres


@pytest.fixture
def walls(walled: str, tmp_path: Path) -> Iterator[Walls]:
    ring, desk = new_key_text(), new_desk_text()
    whole = KeyRing.from_text("keys", f"{ring} {desk}")
    yield Walls(walled, tmp_path, KeyRing.from_text("keys", ring), whole)
    admin(named(walled, NAME), *EMPTY)


@pytest.fixture
def part(walls: Walls) -> Iterator[Callable[..., Store]]:
    """Open the database as one of the parts; the desk first, because it makes its key known."""
    stores: list[Store] = []

    def opened(name: str, **changes: Any) -> Store:
        stores.append(walls.open(name, **changes))
        return stores[-1]

    yield opened
    for one in stores:
        one.close()
