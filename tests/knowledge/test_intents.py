"""What somebody wants is guessed well enough to offer it, and not at all where it is unclear."""

import tomllib
from pathlib import Path

import pytest

from knowledge import intents

HELD_OUT = tomllib.loads(
    (Path(__file__).parent / "data" / "heldout.toml").read_text(encoding="utf-8")
)
PAIRS = [(name, text) for name, texts in HELD_OUT.items() for text in texts]
# Written before the shipped utterances were read, and in none of them. Measured: 0.94 right of
# all; of what is offered at the threshold (0.96 of them) 0.95 right.
FLOOR = 0.9
FLOOR_OF_OFFERED = 0.92


def test_held_out_utterances_are_understood():
    right = sum(intents.rank(text)[0][0] == name for name, text in PAIRS)
    assert len(PAIRS) >= 60
    assert right / len(PAIRS) >= FLOOR


def test_what_is_offered_is_mostly_meant():
    offered = [(name, found[0]) for name, text in PAIRS if (found := intents.guess(text))]
    assert len(offered) / len(PAIRS) >= 0.85
    assert sum(name == found for name, found in offered) / len(offered) >= FLOOR_OF_OFFERED


def test_utterances_are_understood_that_were_left_out_of_learning():
    """Every fifth shipped utterance measured by a model of the others. Measured: 0.76."""
    rest: dict[str, list[str]] = {}
    asked = []
    for name, texts in intents.utterances().items():
        rest[name] = [text for number, text in enumerate(texts) if number % 5]
        asked += [(name, text) for text in texts[::5]]
    model = intents.Model(rest)
    right = sum(intents.rank(text, model)[0][0] == name for name, text in asked)
    assert right / len(asked) >= 0.7


def test_no_held_out_utterance_is_among_the_shipped():
    shipped = {text for texts in intents.utterances().values() for text in texts}
    assert not shipped & {text for _, text in PAIRS}


@pytest.mark.parametrize("text", ["", "…", "asdf qwer zxcv", "ㅁㄴㅇㄹ", "8273645", "길" * 301])
def test_nothing_is_guessed_from_nothing(text: str):
    assert intents.guess(text) is None


def test_the_first_words_of_the_model_dialog_are_a_report():
    found = intents.guess("길 파인거 몇번을 말해도 안고쳐줘요")
    assert found is not None
    assert found[0] == "report_passive"


def test_every_intent_has_utterances_and_cues_belong_to_intents():
    assert len(intents.utterances()) == 23
    assert all(len(texts) >= 15 for texts in intents.utterances().values())
    assert intents.cued("죽고 싶어요") == {"abuse_or_threat"}
    assert intents.cued("구독 취소할게요") <= set(intents.utterances())


def test_shares_add_up_to_one():
    assert sum(share for _, share in intents.rank("며칠 걸려요")) == pytest.approx(1)
