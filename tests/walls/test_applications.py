"""What units file and read of each other, under the desk's own role (security S7, S8)."""

from dataclasses import replace

from bot.documents import bundle
from bot.services import evidence, similar
from storage import seals
from storage.acting import SERVICE
from storage.journal import Head
from tests.services import applying
from tests.walls.test_roles import asked_by, at_the_desk, desk_first, offices

__all__ = ["desk_first", "offices"]


def test_a_shown_reply_and_the_bundle_come_through_the_second_wall(offices, tmp_path):
    desk = offices["desk"]
    site = desk.svc.site.model_copy(update={"document_required": False})
    desk.svc = replace(desk.svc, site=site)
    with asked_by(SERVICE):
        applying.staff(desk)
        number = applying.reviewing(desk)
        applying.replied(desk, number)
        desk.act("choi", number, "show_reply", veiled=True)
    with at_the_desk(desk, "jung") as jung:
        text = "도시계획도로에 걸친 창고의 용도변경"
        look = lambda u: similar.anywhere(desk.svc, u, jung, text)  # noqa: E731
        (found,) = similar.noted(desk.svc, desk.store, jung, look)
        assert (found.number, found.shown) == ("", True)
    with at_the_desk(desk, "lee") as lee:
        read = desk.store.read
        case = desk.see(lambda u: evidence.case(desk.svc, u, read, lee, number))
        head, ring = Head.parse(case.head), desk.store.ring
        path = tmp_path / "bundle.zip"
        bundle.write(path, [case], seal=lambda m: seals.sign(ring, number, desk.clock(), m, head))
        desk.do(lambda u: evidence.noted(desk.svc, u, lee, number, "ab"))
    assert bundle.look(path).wrong == ()
