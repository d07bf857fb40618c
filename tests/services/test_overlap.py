"""Five words in a row from the report are marked before a unit may read a letter."""

from bot.services.overlap import quoted

REPORT = (
    "10월부터 중앙시장 앞 길이 파여서 구청에 세 번 전화했는데 아직 그대로예요. 아내가 넘어졌어요."
)


def test_five_words_in_a_row_are_found_with_their_place():
    letter = "확인 바랍니다. 중앙시장 앞 길이 파여서 구청에 연락이 있었습니다."
    (found,) = quoted(letter, REPORT)
    assert found.text == "중앙시장 앞 길이 파여서 구청에"
    assert letter[found.start : found.end] == found.text


def test_four_words_are_nobody_s():
    assert quoted("중앙시장 앞 길이 파여서 보수가 필요합니다.", REPORT) == ()


def test_spaces_and_signs_do_not_hide_a_quotation():
    assert quoted("「중앙 시장」 앞, 길이 파여서… 구청에 접수", REPORT)


def test_two_quotations_are_two():
    letter = "10월부터 중앙시장 앞 길이 파여서 / 그리고 구청에 세 번 전화했는데 아직"
    assert len(quoted(letter, REPORT)) == 2


def test_own_words_pass():
    assert quoted("중앙시장 주변 도로의 보수 이력을 알려 주십시오.", REPORT) == ()
    assert quoted("", REPORT) == ()
    assert quoted("a b c d e f", "") == ()
