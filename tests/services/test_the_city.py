"""The city that most tests begin with is put back as the services settled it."""

from storage.models import metadata
from tests.services.conftest import CITY, Office, put_back, rows_of_city, settle_city


def filled(office: Office) -> set[str]:
    return {
        table.name
        for table in metadata.sorted_tables
        if office.see(lambda u, table=table: u.conn.execute(table.select().limit(1)).first())
    }


def leave(office: Office) -> None:
    for table in reversed(CITY):
        office.do(lambda u, table=table: u.conn.execute(table.delete()))


def test_a_city_that_is_put_back_is_the_one_that_was_settled(office: Office):
    leave(office)
    empty = filled(office)
    office.do(lambda u: settle_city(office.svc, u))
    assert filled(office) - empty == {table.name for table in CITY}
    settled = office.see(rows_of_city)
    leave(office)
    office.do(lambda u: put_back(u, settled))
    assert office.see(rows_of_city) == settled
