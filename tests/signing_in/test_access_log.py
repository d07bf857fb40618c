"""The access log: whose data, who, when, from where, to do what (안전성 확보조치 기준 제8조)."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from bot.services import accesses, reporter, views
from storage import models
from storage.repositories import accesses as repository

HERE = "10.1.2.3"


def lines(office):
    found = sa.select(models.accesses).order_by(models.accesses.c.id)
    return office.see(lambda u: list(u.conn.execute(found)))


def test_every_opening_leaves_a_line_with_who_when_where_whose_and_what(office):
    filed = office.investigating()
    park = replace(office.people["park"], network=HERE)
    office.do(lambda u: views.declare(office.svc, u, park, filed.number, conflict=False))
    office.do(lambda u: views.view(office.svc, u, park, filed.number))
    office.do(lambda u: reporter.reveal(office.svc, u, park, filed.number, "주소가 맞는지 봅니다"))
    filing = office.filing(filed.number)
    opened, identity = lines(office)
    assert [(one.what, one.user_id, one.network) for one in (opened, identity)] == [
        ("opened", park.user_id, HERE),
        ("identity", park.user_id, HERE),
    ]
    assert opened.at == office.clock()
    assert (opened.filing_id, opened.sid, opened.count) == (filing.id, filing.sid, 1)
    assert office.see(lambda u: repository.reason(u, identity)) == "주소가 맞는지 봅니다"
    assert office.see(lambda u: repository.reason(u, opened)) == ""
    assert "주소".encode() not in identity.reason


def test_citizens_and_the_clock_leave_no_line(office):
    filed = office.file()
    me = office.reporter(filed)
    office.do(lambda u: accesses.note(office.svc, u, me, "opened", office.filing(filed.number)))
    assert lines(office) == []


def test_a_line_is_never_altered(office):
    park = office.people["park"]
    office.do(lambda u: accesses.note(office.svc, u, park, "searched", count=3))
    with pytest.raises(sa.exc.DBAPIError, match="not altered"):
        office.do(lambda u: u.conn.execute(sa.update(models.accesses).values(user_id=1)))
    assert [one.count for one in lines(office)] == [3]
