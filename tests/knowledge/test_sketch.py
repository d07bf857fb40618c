"""What is alike is found by numbers that say nothing without the key."""

from hypothesis import given
from hypothesis import strategies as st

from knowledge.likeness import grams
from knowledge.sketch import PLACES, RUN, dump, groups, likeness, load, sketch

KEY, OTHER = b"k" * 32, b"o" * 32
words = st.text("가나다라마바사아자차길도로 파임", min_size=0, max_size=200)


def jaccard(one: str, other: str) -> float:
    a, b = grams(one, (RUN,)), grams(other, (RUN,))
    return len(a & b) / len(a | b) if a | b else 0.0


@given(words)
def test_a_text_is_like_itself_and_survives_as_bytes(text: str):
    made = sketch(text, KEY)
    assert len(made) in {0, PLACES}
    assert likeness(made, made) == (1.0 if made else 0.0)
    assert load(dump(made)) == made


@given(words, words)
def test_likeness_goes_both_ways_and_is_near_what_is_shared(one: str, other: str):
    a, b = sketch(one, KEY), sketch(other, KEY)
    assert likeness(a, b) == likeness(b, a)
    if len(grams(one, (RUN,))) > PLACES and len(grams(other, (RUN,))) > PLACES:
        assert abs(likeness(a, b) - jaccard(one, other)) < 0.35


@given(st.lists(words, max_size=12))
def test_every_text_is_in_one_group_and_the_same_text_in_the_same(texts: list[str]):
    drawn = {place: sketch(text, KEY) for place, text in enumerate(texts)}
    found = groups(drawn)
    assert sorted(one for group in found for one in group) == list(range(len(texts)))
    of = {one: place for place, group in enumerate(found) for one in group}
    for a, one in enumerate(texts):
        for b, other in enumerate(texts[:a]):
            if one == other and drawn[a]:
                assert of[a] == of[b]


def test_a_reworded_complaint_is_alike_and_another_one_is_not():
    first = "중앙시장 앞 길이 파여서 구청에 세 번 전화했는데 아직 그대로예요. 빨리 고쳐 주세요."
    again = "중앙시장 앞 길이 파여서 구청에 네 번 전화했는데 아직도 그대로예요! 빨리 고쳐 주세요"
    other = "어린이집 입소 신청을 두 달째 처리해 주지 않아서 아이를 맡기지 못하고 있습니다."
    a, b, c = (sketch(text, KEY) for text in (first, again, other))
    assert likeness(a, b) >= 0.5
    assert likeness(a, c) < 0.2


def test_another_key_gives_other_numbers():
    text = "중앙시장 앞 길이 파였어요"
    assert likeness(sketch(text, KEY), sketch(text, OTHER)) < 0.2
