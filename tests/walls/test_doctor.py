"""What doctor says of the walls."""

from typing import Any

import pytest

from bot.cli.doctor import walls as looks
from storage.crypto import KeyRing, new_key_text
from storage.store import Store
from tests.conftest import Database


class Parts:
    def __init__(self, store: Store) -> None:
        self.store = store


def said(store: Store, *parts: str) -> dict[str, tuple[str, str]]:
    app: Any = Parts(store)
    return {one.area: (one.mark, one.text) for one in looks.walls(parts, app)}


def test_each_part_with_its_own_account_is_well(part: Any) -> None:
    for name, chosen in (("desk", ["desk"]), ("work", ["work"]), ("public", ["public", "hooks"])):
        found = said(part(name), *chosen)
        assert found["roles"] == ("ok", f"제 역할(jt_{name})의 계정으로 들어갑니다")
        assert found["desk_key"][0] == "ok"
        assert found["crypto"][0] == "note"
        assert "검증필 암호모듈이 아닙니다" in found["crypto"][1]
        assert found["key_age"][0] == "ok"


def test_a_public_part_that_holds_the_key_of_the_desk_is_a_fault(part: Any, walls: Any) -> None:
    part("desk")
    found = said(part("public", secrets=walls.desk), "public")
    assert found["desk_key"][0] == "fault"
    assert "치워" not in found["desk_key"][1]


def test_one_account_for_all_is_told(part: Any, walls: Any) -> None:
    part("desk")
    found = said(part("public", role="jt_work"), "public")
    assert found["roles"][0] == "note"
    above = said(part("all", role=""), "public", "hooks", "desk", "work")
    assert above["roles"][0] == "fault"
    assert walls.ring.desk_first is None


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_database_without_walls_is_told(database: Database) -> None:
    store = database.open(secrets=KeyRing.from_text("keys", new_key_text()))
    found = said(store, "public", "hooks", "desk", "work")
    store.close()
    assert found["roles"][0] == "note"
    assert "벽이 없습니다" in found["roles"][1]
    assert found["desk_key"] == (
        "note", "신고한 사람의 신원이 따로 봉해져 있지 않습니다(직원 열쇠 없음)"
    )  # fmt: skip
