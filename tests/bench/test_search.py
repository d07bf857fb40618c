"""What the measuring of search counts, and that it measures the same twice."""

import json
import random

import pytest

from bot.bench import search as bench
from bot.bench import search_sets as sets
from knowledge.korean import jamo


def test_spellings_are_the_same_for_the_same_seed():
    once = sets.spelled("보도블록이 깨져서 넘어질 뻔했어요", "1:Q1")
    assert once == sets.spelled("보도블록이 깨져서 넘어질 뻔했어요", "1:Q1")
    assert once["nospace"] == "보도블록이깨져서넘어질뻔했어요"
    assert once["both"] == once["typo"].replace(" ", "")
    assert once["randspace"].replace(" ", "") == once["nospace"]
    assert once["typo"] != once["clean"]


def test_one_letter_of_every_eighth_syllable_is_slipped():
    text = "가나다라마바사아" * 4
    slipped = sets.typos(text, random.Random(3))
    assert sum(a != b for a, b in zip(text, slipped, strict=True)) == 4
    assert sum(a != b for a, b in zip(jamo(text), jamo(slipped), strict=False)) >= 4
    assert sets.typos("ABC 123", random.Random(3)) == "ABC 123"


def test_scores_count_the_first_right_one():
    found = bench.scores(
        [
            (["a", "b"], frozenset("a")),
            (["b", "a"], frozenset("a")),
            (["c"], frozenset("a")),
            (["a", "b"], frozenset("ab")),
        ]
    )
    assert found["recall@1"] == 0.5
    assert found["recall@5"] == 0.75
    assert found["mrr@10"] == pytest.approx((1 + 0.5 + 0 + 1) / 4)
    assert found["ndcg@10"] == pytest.approx((1 + 0.6309 + 0 + 1) / 4, abs=1e-4)


def test_made_up_passages_are_the_same_for_the_same_seed():
    known = sets.shipped()
    assert [one.body for one in sets.recombined(known, 3, 1)] == [
        one.body for one in sets.recombined(known, 3, 1)
    ]


def test_there_are_hundreds_of_questions_about_what_is_shipped():
    assert len(sets.shipped_questions(sets.shipped(), seed=1)) >= 300


def test_a_set_of_ones_own_is_measured_beside_others(tmp_path):
    passages, queries = tmp_path / "p.jsonl", tmp_path / "q.jsonl"
    rows = [("1", "봉안당", "안치 공간을 늘렸다."), ("2", "", "보도블록을 다시 썼다.")]
    lines = [json.dumps({"id": i, "title": title, "text": text}) for i, title, text in rows]
    passages.write_text("\n".join(lines))
    one = {"id": "q", "gold": "2", "clean": "보도블록", "nospace": "보도블록", "odd": "물고기"}
    queries.write_text(json.dumps(one) + "\n\n")
    found = bench.measure(passages, queries, (), kiwi=False, seed=1)
    ours = found["rows"][0]
    assert ours["spellings"]["clean"]["recall@1"] == 1
    assert ours["spellings"]["odd"]["recall@1"] == 0
    assert found["missing"] == [] or found["missing"] == ["bm25s, whitespace"]
    assert {row["name"] for row in found["rows"]} >= {"적극톡", "SQLite FTS5 (unicode61)"}
    bench.show(found)
