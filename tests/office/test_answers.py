"""A question after `/civic` gets its ready answer; a command stays a command."""

import pytest

from bot.errors import Refused
from bot.services import office_answers
from tests.office.conftest import ACCOUNT, address, link
from tests.services.conftest import Office

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def told(office: Office, text: str, login: str = "park") -> str:
    found = office_answers.seek(office.svc, text)
    if found is None:
        return ""
    said = office.do(
        lambda u: office_answers.answer(office.svc, u, ACCOUNT, address(login), found)
    )
    return office.say(said.text)


def test_an_official_reads_the_answer_with_its_source(office: Office):
    link(office, "park")
    assert "근거" in told(office, "주말도 처리기간에 들어가나요?")
    assert "반려" in told(office, "반려가 무슨 뜻이에요?")
    assert "혹시 이 질문입니까" in told(office, "텔레그램 말고 카카오톡으로도 되나요?")


@pytest.mark.parametrize("text", ["대기", "데기", "", "zzz 쀍", "도움말"])
def test_what_is_a_command_or_nothing_is_left_alone(office: Office, text: str):
    assert told(office, text) == ""


def test_nobody_else_is_answered(office: Office):
    with pytest.raises(Refused):
        told(office, "주말도 처리기간에 들어가나요?", "lee")
