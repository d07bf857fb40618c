"""What somebody wants is guessed well enough to offer it, and not at all where it is unclear."""

import random
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest

from bot.bench.intents import kept_apart
from knowledge import intents, noise, patterns, training
from knowledge.korean import fold
from knowledge.pieces import pieces

HELD_OUT = tomllib.loads(
    (Path(__file__).parent / "data" / "heldout.toml").read_text(encoding="utf-8")
)
PAIRS = [(name, text) for name, texts in HELD_OUT.items() for text in texts]


def test_held_out_utterances_are_understood() -> None:
    ranked = [(name, [one for one, _ in intents.rank(text)]) for name, text in PAIRS]
    assert len(PAIRS) >= 60
    assert sum(name == found[0] for name, found in ranked) / len(PAIRS) >= 0.9
    assert sum(name in found[:3] for name, found in ranked) / len(PAIRS) >= 0.95


def test_what_is_taken_without_asking_is_meant() -> None:
    taken = [(name, found[0]) for name, text in PAIRS if (found := intents.guess(text))]
    assert len(taken) / len(PAIRS) >= 0.5
    assert sum(name == found for name, found in taken) / len(taken) >= 0.95


def test_wrong_letters_and_missing_spaces_are_forgiven() -> None:
    chance = random.Random(3)
    said = [(name, noise.typed(text, chance).replace(" ", "")) for name, text in PAIRS]
    right = sum(name in dict(intents.rank(text)[:3]) for name, text in said)
    assert right / len(said) >= 0.9


def test_the_weights_were_learned_from_the_utterances_that_are_shipped() -> None:
    """Otherwise: `jeokgeuk intents train`."""
    assert intents.shipped().made_of == intents.digest()
    assert intents.shipped().names == tuple(sorted(intents.utterances()))


def test_nothing_was_learned_that_is_measured_with() -> None:
    # A count alone: nobody who mends the model is to see an utterance that it is measured by.
    assert learned_and_measured() == 0


def learned_and_measured() -> int:
    apart = kept_apart()
    measured = {fold(text) for text in apart}
    by_hand = {fold(text) for texts in intents.utterances().values() for text in texts}
    made = {fold(text) for text, _ in training.put_together(apart)}
    return len(measured & (by_hand | made)) + len({fold(text) for _, text in PAIRS} & by_hand)


def test_every_intent_has_utterances_of_our_own() -> None:
    assert len(intents.utterances()) == 23
    assert min(map(len, intents.utterances().values())) >= 60


@pytest.mark.parametrize("text", ["", "…", "???", "8273645", "🙂🙂", "\u200b\u200b"])
def test_nothing_is_guessed_from_nothing(text: str) -> None:
    assert intents.weigh(text).road == "menu"


@pytest.mark.parametrize("text", ["asdf qwer zxcv", "ㅁㄴㅇㄹ", "길" * 20_000, "\ud800"])
def test_nothing_is_taken_for_sure_that_means_nothing(text: str) -> None:
    assert intents.guess(text) is None


def test_the_first_words_of_the_model_dialog_are_a_report() -> None:
    assert intents.weigh("길 파인거 몇번을 말해도 안고쳐줘요").top == "report_passive"


def test_despair_is_heard_by_rule_whatever_else_is_said() -> None:
    found = intents.weigh("길을 안 고쳐줘서 신고합니다 죽고 싶어요")
    assert (found.road, found.top) == ("answer", intents.ABUSE)


def test_every_part_is_used_and_every_intent_has_frames() -> None:
    parts, frames = patterns.shipped()
    used = set(re.findall(r"\{(\w+)", " ".join(one for some in frames.values() for one in some)))
    assert used == set(parts)
    assert set(frames) == set(intents.utterances())


def test_sentences_are_put_together_with_the_particle_that_fits() -> None:
    parts = {"term": ["면책", "취하"]}
    made = patterns.spoken(parts, ["{term:이/가}   뭐예요", "{term}"], 9, random.Random(1))
    assert sorted(made) == ["면책", "면책이 뭐예요", "취하", "취하가 뭐예요"]


def test_the_same_sentences_are_learned_from_every_time() -> None:
    assert training.put_together() == training.put_together()
    left = training.put_together(["구독 해지"])
    assert ("구독 해지", "newsletter_unsubscribe") not in left


def test_shares_add_up_to_one() -> None:
    assert sum(share for _, share in intents.rank("며칠 걸려요")) == pytest.approx(1)


def test_only_the_beginning_and_the_end_of_a_flood_are_read() -> None:
    flood = "신고하고 싶어요 " + "가나다라 " * 4_000 + "언제 끝나요"
    assert sum(view.size for view in pieces(flood)) < 20_000


def test_the_same_text_gives_the_same_numbers_on_every_machine() -> None:
    letters, syllables = pieces("길 파임")
    assert (letters[:2].tolist(), syllables[:2].tolist()) == (
        [25058898, 2466924421],
        [1295386060, 848782159],
    )


def test_weights_are_written_and_read_as_the_same_numbers(tmp_path: Path) -> None:
    model = intents.Model.packed(
        ("a", "b"),
        np.array([3, 7], np.uint32),
        np.array([1.0, 2.0], np.float32),
        np.array([[1.0, -1.0], [0.5, 0.25]]),
        np.array([0.0, 0.1]),
        2.0,
        "made",
    )
    for name in ("one.npz", "two.npz"):
        model.write(tmp_path / name)
    again = intents.Model.read(tmp_path / "one.npz")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    assert again.made_of == "made"
    assert again.shares("길").tolist() == model.shares("길").tolist()
