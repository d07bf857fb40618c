"""What names the reporter, taken out of texts that leave the desk."""

from bot.services import veil
from tests.services.conftest import Office, answers

V = veil.VEIL


CASES = [
    ("저는 홍길동입니다", f"저는 {V}입니다"),
    ("홍 길동, 홍길 동, 길동이가", f"{V}, {V}, {V}이가"),
    ("홍반장님과 길거리에서", "홍반장님과 길거리에서"),
    ("가온시  중앙로12, 중앙로 12에서", f"{V}, {V}에서"),
    ("중앙시장 앞", "중앙시장 앞"),
    ("HONG@example.com과 other.one@mail.example.kr", f"{V}과 {V}"),
    ("010-9876-5432", V),
    ("01098765432로 전화", f"{V}로 전화"),
    ("+82 10 9876 5432", V),
    ("(02) 345-6789", V),
    ("０１０－９８７６－５４３２", V),
    ("담당 031-000-0100", "담당 031-000-0100"),
    ("2026-11-23에 3,000원을 냈고 1588번 버스", "2026-11-23에 3,000원을 냈고 1588번 버스"),
    ("접수번호 2026-7K3M-Q9", "접수번호 2026-7K3M-Q9"),
]


def test_what_names_somebody_goes_and_the_rest_stays(office: Office):
    filing = office.filing(office.file().number)
    over = office.see(lambda u: veil.of(office.svc, u, filing)).over
    for text, left in CASES:
        assert over(text) == left


def test_a_name_in_other_letters_goes_by_its_parts(office: Office):
    filed = office.file(answers(name="Jane Doe", address="12"), lang="en")
    filing = office.filing(filed.number)
    over = office.see(lambda u: veil.of(office.svc, u, filing)).over
    assert over("jane and DOE at the doer's") == f"{V} and {V} at the doer's"
    assert veil.Veil().over("아무도 아님") == "아무도 아님"
