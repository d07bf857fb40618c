"""Procedures: what ships is whole, what is wrong says where, a site lays its own over it."""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.calendar import SEOUL, WorkCalendar
from knowledge.clock import due
from knowledge.procedures import (
    SHIPPED,
    Procedure,
    ProcedureError,
    Procedures,
    When,
    load_procedures,
)

RAW = tomllib.loads((SHIPPED / "passive_report.toml").read_text(encoding="utf-8"))
MOVES = [
    move
    for path in SHIPPED.glob("*.toml")
    for move in tomllib.loads(path.read_text(encoding="utf-8"))["moves"].values()
]
GUARDS = {name for move in MOVES for name in move.get("guard", ())}
EFFECTS = {name for move in MOVES for name in move.get("effects", ())}


def load(*dirs) -> Procedures:
    return load_procedures([SHIPPED, *dirs], guards=GUARDS, effects=EFFECTS)


REPORT = load()["passive_report"]


def site(folder, text, name="passive_report.toml"):
    (folder / name).write_text(text, encoding="utf-8")
    return folder


# ------------------------------------------------------------------ what ships


def test_the_passive_report_ships_whole():
    assert set(REPORT.states) == {
        "submitted", "received", "triage", "investigating", "onsite", "supplement", "approval",
        "refer_asked", "referred", "transferred", "answered", "following", "closed", "withdrawn",
        "returned",
    }  # fmt: skip
    assert {name for name, state in REPORT.states.items() if state.final} == {
        "referred", "transferred", "closed", "withdrawn", "returned",
    }  # fmt: skip
    assert set(REPORT.moves) >= {
        "receive", "assign", "start", "ask_supplement", "supplement_reply", "supplement_extend",
        "ask_again", "return", "onsite", "onsite_extend", "onsite_end", "extend",
        "ask_extension2", "extension2_reply", "interim", "ask_refer", "refer_reply", "refer",
        "transfer", "fact_request", "fact_reply", "danger", "to_approval", "result",
        "action_done", "survey", "withdraw", "pressure", "demand_correction", "close_repeat",
        "close_excluded", "message", "note", "request_record", "many_people",
    }  # fmt: skip


def test_everything_that_ships_names_its_source():
    assert all(one.source for one in REPORT.deadlines.values())
    assert all(move.source for move in REPORT.moves.values())
    assert REPORT.source
    assert REPORT.effective_from == date(2026, 1, 2)


def test_what_no_law_says_waits_for_an_agency():
    assert "deadlines.answer" in REPORT.unconfirmed()
    assert "deadlines.receive" not in REPORT.unconfirmed()


def test_the_unit_complained_of_can_do_nothing_but_answer_a_question():
    everywhere = [REPORT.moves_for(state, {"unit_member"}) for state in REPORT.states]
    assert {move.action for moves in everywhere for move in moves} == {"fact_reply"}


def test_an_administrator_and_an_inspector_move_nothing():
    for state in REPORT.states:
        assert REPORT.moves_for(state, {"admin", "inspector"}) == ()


def test_a_citizen_may_withdraw_until_the_answer():
    states = {
        name
        for name in REPORT.states
        if any(move.action == "withdraw" for move in REPORT.moves_for(name, {"citizen"}))
    }
    assert states == set(REPORT.states) - {
        "answered", "following", "closed", "referred", "transferred", "returned", "withdrawn",
    }  # fmt: skip


def test_every_legal_notice_carries_the_handler():
    legal = [
        "start", "ask_supplement", "ask_again", "return", "onsite", "onsite_extend", "extend",
        "ask_extension2", "ask_refer", "refer", "transfer", "result", "close_repeat",
        "close_excluded", "action_done",
    ]  # fmt: skip
    assert [name for name in legal if "handler_complete" not in REPORT.moves[name].guard] == []


def test_words_that_leave_the_audit_office_are_compared_with_the_report():
    for action in ("fact_request", "refer", "danger"):
        move = REPORT.moves[action]
        assert "own_words" in move.guard
        assert any(field.overlap for field in move.fields)


def test_an_answer_may_lead_to_another_state():
    refer, result = REPORT.moves["refer"], REPORT.moves["result"]
    assert refer.target("triage", {"how": "with_name"}) == "referred"
    assert refer.target("triage", {"how": "without_name"}) == "investigating"
    assert refer.targets("triage") == ("investigating", "referred")
    assert result.target("approval", {"action_state": "planned"}) == "following"
    assert result.target("approval", {"action_state": "none"}) == "answered"
    assert result.outcome_of({"judgement": "partly"}) == "partly"
    assert refer.outcome_of({}) == "referred"


def test_a_move_may_leave_the_state_as_it_is():
    assert REPORT.moves["note"].target("closed", {}) == "closed"
    assert REPORT.moves["note"].targets("closed") == ("closed",)


def test_only_a_yes_turns_the_clock():
    reply, note = REPORT.moves["extension2_reply"], REPORT.moves["note"]
    assert reply.turns_clock({"agree": "yes"})
    assert not reply.turns_clock({"agree": "no"})
    assert not reply.turns_clock({})
    assert not note.turns_clock({})
    assert REPORT.moves["extend"].turns_clock({})


def test_a_notice_depends_on_who_moved_and_what_was_said():
    office, sent, handler = REPORT.moves["message"].notify
    assert [one.applies({"citizen"}, {}) for one in (office, sent, handler)] == [False, True, True]
    assert [one.applies({"auditor"}, {}) for one in (office, sent, handler)] == [
        True, False, False,
    ]  # fmt: skip
    done, unnamed, unit = REPORT.moves["refer"].notify
    said = {"how": "without_name"}
    assert [one.applies({"auditor"}, said) for one in (done, unnamed, unit)] == [
        False, True, True,
    ]  # fmt: skip


def test_deadlines_know_what_starts_and_ends_them():
    assert {one.name for one in REPORT.started_by("received")} == {"answer", "route", "interim"}
    assert {one.name for one in REPORT.started_by("arrived")} == {"receive"}
    assert {one.name for one in REPORT.ended_by("supplement_reply")} == {
        "supplement", "supplement_again",
    }  # fmt: skip
    assert [one.name for one in REPORT.deadlines.values() if one.outlives] == ["record"]


def test_the_main_deadline_gives_the_date_of_the_receipt():
    received = datetime(2026, 11, 23, 10, 12, tzinfo=SEOUL)
    assert due(REPORT.main, received, WorkCalendar()).day == date(2026, 12, 1)
    assert [one.most for one in REPORT.main.extendable] == [None, None]
    assert [one.consent for one in REPORT.main.extendable] == [False, True]


def test_text_keys_are_listed_once():
    keys = REPORT.text_keys()
    assert len(set(keys)) == len(keys)
    assert {"status.submitted", "notice.supplement.ask", "pause.representative"} <= set(keys)
    # a table of texts cannot be a text itself
    assert [b for a, b in pairwise(sorted(keys)) if b.startswith(f"{a}.")] == []


def test_a_field_is_found_by_its_name():
    move = REPORT.moves["result"]
    due_field = move.field("action_due")
    assert due_field is not None
    assert due_field.when == When("action_state", ("planned",))
    assert move.field("nothing") is None


# ------------------------------------------------------------------ walks


def reachable(procedure: Procedure, start: str) -> set[str]:
    """Follow moves until nothing new comes: no cleverness, just repetition."""
    seen, before = {start}, set()
    while seen != before:
        before = set(seen)
        for move in procedure.moves.values():
            for state in before & set(move.from_):
                seen |= set(move.targets(state))
    return seen


FINAL = {name for name, state in REPORT.states.items() if state.final}


def test_every_state_is_reached():
    assert reachable(REPORT, REPORT.filing.state) == set(REPORT.states)


@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 9)), max_size=40))
def test_any_walk_ends_in_or_can_reach_a_final_state(steps):
    state = REPORT.filing.state
    for chosen, turned in steps:
        moves = [move for move in REPORT.moves.values() if state in move.from_]
        move = moves[chosen % len(moves)]
        answers = {}
        if move.branch is not None:
            options = move.field(move.branch.field).options
            answers[move.branch.field] = options[turned % len(options)]
        after = move.target(state, answers)
        assert after == state or state not in FINAL, "a final state was left"
        state = after
        assert reachable(REPORT, state) & FINAL


# ------------------------------------------------------------------ what a site may change


def test_a_site_changes_a_number_and_keeps_the_rest(tmp_path):
    text = "[deadlines.answer]\namount = 10\nconfirm = false\n"
    changed = load(site(tmp_path, text))["passive_report"]
    assert changed.main == replace(REPORT.main, amount=10, confirm=False)
    assert changed.moves == REPORT.moves


def test_a_site_replaces_a_list_as_a_whole(tmp_path):
    text = "[deadlines.answer]\nremind_before = [2]\n"
    assert load(site(tmp_path, text))["passive_report"].main.remind_before == (2,)


def test_a_site_may_add_a_state_and_moves(tmp_path):
    text = """
[states.mediation]
words = "status.other"
[moves.mediate]
from = ["investigating"]
to = "mediation"
by = ["auditor"]
[moves.mediated]
from = ["mediation"]
to = "investigating"
by = ["auditor"]
"""
    changed = load(site(tmp_path, text))["passive_report"]
    assert changed.states["mediation"].words == "status.other"
    assert changed.moves["mediate"].target("investigating", {}) == "mediation"
    assert "mediation" in changed.moves["note"].from_  # "all" knows it
    assert "mediation" in changed.moves["danger"].from_  # "open" knows it


def test_old_filings_keep_their_rules(tmp_path):
    shipped = (SHIPPED / "passive_report.toml").read_text(encoding="utf-8")
    newer = shipped.replace("\nversion = 1", "\nversion = 2")
    newer = newer.replace("effective_from = 2026-01-02", "effective_from = 2027-01-01")
    site(tmp_path, newer, "passive_report@2.toml")
    both = load(tmp_path)
    assert {"passive_report", "personal_data"} < set(both)
    assert len(both) == len({one.id for one in both.every()})
    assert both["passive_report"].version == 2
    assert both.version("passive_report", 1).version == 1
    assert both.on("passive_report", date(2026, 12, 31)).version == 1
    assert both.on("passive_report", date(2027, 1, 1)).version == 2
    assert {one.version for one in both.every()} == {1, 2}
    with pytest.raises(KeyError, match="passive_report on 2025-01-01"):
        both.on("passive_report", date(2025, 1, 1))


def test_the_same_version_twice_is_refused(tmp_path):
    shipped = (SHIPPED / "passive_report.toml").read_text(encoding="utf-8")
    site(tmp_path, shipped, "again.toml")
    with pytest.raises(ProcedureError, match=r"again\.toml: version: 1판이 이미 있습니다"):
        load(tmp_path)


# ------------------------------------------------------------------ what is wrong says where

BAD = [
    ("version = 0", "version", "1 이상"),
    ('version = "1"', "version", "valid integer"),
    ("colour = 1", "colour", "Unexpected"),
    ('effective_from = "soon"', "effective_from", "date"),
    ('[filing]\nstate = "nowhere"', "filing.state", "모르는 상태입니다: nowhere"),
    ('[filing]\ndeadline = "x"', "filing.deadline", "모르는 기한입니다: x"),
    ("[filing]\ncommands = []", "filing.commands", "여는 명령이 없습니다"),
    ("[states.onsite]\ncolour = 1", "states.onsite.colour", "Unexpected"),
    ('[papers.x]\nof = "nap"\nsender = "approver"', "papers.x.of", "모르는 일입니다: nap"),
    ('[papers.x]\nof = "filed"\nsender = "me"', "papers.x.sender", "approver"),
    ('[papers.X]\nof = "filed"\nsender = "approver"', "papers.X", "쓸 수 없는 이름"),
    (
        '[papers.x]\nof = "filed"\nsender = "approver"\nalong = ["start", "nap"]',
        "papers.x.along.1",
        "모르는 일입니다: nap",
    ),
    ("[states.Onsite]", "states.Onsite", "쓸 수 없는 이름"),
    ("[states.open]", "states.open", "쓸 수 없는 이름"),
    ("[states.island]", "states.island", "이 상태로 가는 일이 없습니다"),
    (
        '[states.pit]\n[moves.fall]\nfrom = ["triage"]\nto = "pit"\nby = ["auditor"]',
        "states.pit",
        "끝나는 상태로 가는 일이 없습니다",
    ),
    ("[states.answered]\nfinal = true", "moves.close.from", "나갈 수 없습니다: answered"),
    ("[deadlines.onsite]\namount = 0", "deadlines.onsite.amount", "1 이상"),
    ('[deadlines.answer]\namount = "7"', "deadlines.answer.amount", "valid integer"),
    ('[deadlines.answer]\ncount = "moons"', "deadlines.answer.count", "'work_hours'"),
    (
        '[deadlines.answer]\nstarts = "dawn"',
        "deadlines.answer.starts",
        "모르는 때나 일입니다: dawn",
    ),
    (
        '[deadlines.answer]\nends = ["result", "x"]',
        "deadlines.answer.ends.1",
        "모르는 일입니다: x",
    ),
    ("[deadlines.answer]\nremind_before = [-1]", "deadlines.answer.remind_before.0", "0 이상"),
    (
        '[deadlines.answer]\nbefore = { to = "nobody", key = "answer_due" }',
        "deadlines.answer.before.to",
        "모르는 받는 사람입니다: nobody",
    ),
    ("[deadlines.route]\nremind_before = [1]", "deadlines.route.before", "누구에게 무엇을"),
    ('[deadlines.route]\nthen = "start"', "deadlines.route.then", "시계가 하는 일이 아닙니다"),
    ("[filing]\nby = []", "filing.by", "시작할 사람이 없습니다"),
    (
        "[deadlines.answer]\nextendable = [{ most = 0 }]",
        "deadlines.answer.extendable.0.most",
        "1 이상",
    ),
    (
        '[deadlines.answer]\npauses = ["nap"]',
        "moves.many_people.on",
        "멈추는 기한이 없습니다: representative",
    ),
    (
        '[deadlines.interim]\npauses = ["nap"]',
        "deadlines.interim.pauses.0",
        "멈추는 일이 없습니다: nap",
    ),
    (
        '[deadlines.onsite]\nday_field = "place"',
        "deadlines.onsite.day_field",
        "onsite에 이 값을 주는 칸이 없습니다: place",
    ),
    (
        '[deadlines.interim]\namount_field = "days"',
        "deadlines.interim.amount_field",
        "received에 이 값을 주는 칸이 없습니다: days",
    ),
    ("[moves.start]\nfrom = []", "moves.start.from", "어느 상태에서"),
    ('[moves.start]\nfrom = ["x"]', "moves.start.from.0", "모르는 상태입니다: x"),
    ('[moves.start]\nto = "x"', "moves.start.to", "모르는 상태입니다: x"),
    ("[moves.start]\nby = []", "moves.start.by", "할 사람이 없습니다"),
    ('[moves.start]\nby = ["mayor"]', "moves.start.by.0", "'citizen'"),
    (
        '[moves.start]\nguard = ["full_moon"]',
        "moves.start.guard.0",
        "모르는 조건입니다: full_moon",
    ),
    ('[moves.start]\neffects = ["x"]', "moves.start.effects.0", "모르는 효과입니다: x"),
    ('[moves.start]\nclock = "rewind"', "moves.start.clock", "'start'"),
    ('[moves.start]\non = "answer"', "moves.start.on", "clock을 적은 일에만"),
    (
        '[moves.extend]\nclock_if = { field = "days", values = ["1"] }',
        "moves.extend.clock_if",
        "고르는 칸이 없습니다: days",
    ),
    ('[moves.extend]\non = "x"', "moves.extend.on", "모르는 기한입니다: x"),
    ('[moves.extend]\non = "interim"', "moves.extend.on", "늘릴 수 없는 기한입니다: interim"),
    (
        '[moves.onsite]\nuntil = "place"',
        "moves.onsite.until",
        "기한을 멈추는 일이 아닙니다: place",
    ),
    (
        '[moves.onsite]\nclock = "resume"',
        "moves.onsite.since",
        "기한을 멈추는 일이 아닙니다",
    ),
    (
        '[moves.refer]\nbranch = { field = "how", to = { by_mail = "referred" } }',
        "moves.refer.branch",
        "how에서 고를 수 없는 값입니다: by_mail",
    ),
    (
        '[moves.refer]\nbranch = { field = "how", to = { with_name = "moon" } }',
        "moves.refer.branch.to.with_name",
        "모르는 상태입니다: moon",
    ),
    (
        '[moves.refer]\nbranch = { field = "reason", to = {} }',
        "moves.refer.branch",
        "고르는 칸이 없습니다: reason",
    ),
    (
        '[moves.start]\nnotify = [{ to = "citizen", key = "a", when = { field = "x", values = [] } }]',
        "moves.start.notify.0.when",
        "고르는 칸이 없습니다: x",
    ),
    (
        '[moves.start]\nnotify = [{ to = "press", key = "a" }]',
        "moves.start.notify.0.to",
        "'citizen'",
    ),
    (
        '[moves.result]\noutcome_field = "why"',
        "moves.result.outcome_field",
        "꼭 고르는 칸이 아닙니다: why",
    ),
]
# changed by a site, these keys of the shipped file are what does not fit any more
SHIPPED_SAYS = {"moves.close.from", "moves.many_people.on", "moves.onsite.since"}
FIELDS = [
    ('{ name = "A", kind = "text" }', "name", "이미 있는 이름입니다: A"),
    ('{ name = "a", kind = "song" }', "kind", "'text'"),
    ('{ name = "a", kind = "choice" }', "options", "고르는 칸에는 options"),
    ('{ name = "a", kind = "text", options = ["b"] }', "options", "다른 칸에는 없어야"),
    ('{ name = "a", kind = "lookup" }', "lookup", "찾는 칸에만"),
    ('{ name = "a", kind = "many", told = "nap.over" }', "told", "알린 글의 칸만"),
    ('{ name = "a", kind = "long", number = [1, 2] }', "number", "글 칸의"),
    ('{ name = "a", kind = "text", number = [2, 1] }', "number", "글 칸의"),
    ('{ name = "a", kind = "text", most = 0 }', "most", "1 이상"),
    ('{ name = "a", kind = "text", days = "past" }', "days", "날을 적는 칸에만"),
    (
        '{ name = "a", kind = "text", when = { field = "b", values = ["c"] } }',
        "when",
        "고르는 칸이 없습니다: b",
    ),
]


def refused(folder, text) -> ProcedureError:
    with pytest.raises(ProcedureError) as caught:
        load(site(folder, text))
    return caught.value


@pytest.mark.parametrize(("text", "key", "reason"), BAD, ids=[f"{b[1]}: {b[2]}" for b in BAD])
def test_what_is_wrong_names_file_key_and_reason(tmp_path, text, key, reason):
    bad = refused(tmp_path, text)
    blamed = SHIPPED if key in SHIPPED_SAYS else tmp_path
    assert bad.file == str(blamed / "passive_report.toml")
    assert bad.key == key
    assert reason in bad.reason
    assert str(bad) == f"{bad.file}: {key}: {bad.reason}"


@pytest.mark.parametrize(("field", "key", "reason"), FIELDS, ids=[f[0] for f in FIELDS])
def test_a_wrong_field_names_its_place(tmp_path, field, key, reason):
    bad = refused(tmp_path, f"[moves.start]\nfields = [{field}]")
    assert bad.file == str(tmp_path / "passive_report.toml")
    assert bad.key == f"moves.start.fields.0.{key}"
    assert reason in bad.reason


def test_a_name_twice_and_a_condition_on_a_later_field_are_refused(tmp_path):
    twice = '{ name = "a", kind = "text" }'
    bad = refused(tmp_path, f"[moves.start]\nfields = [{twice}, {twice}]")
    assert bad.key == "moves.start.fields.1.name"
    late = (
        '{ name = "a", kind = "text", when = { field = "b", values = ["c"] } }, '
        '{ name = "b", kind = "choice", options = ["c"] }'
    )
    assert (
        refused(tmp_path, f"[moves.start]\nfields = [{late}]").key == "moves.start.fields.0.when"
    )


def test_a_condition_without_values_is_refused(tmp_path):
    text = '[moves.extension2_reply]\nclock_if = { field = "agree", values = [] }'
    assert refused(tmp_path, text).reason == "agree에서 고를 수 없는 값입니다: 없음"


def test_a_paper_needs_its_words(tmp_path):
    text = '[papers.answer]\nof = "reply"\nsender = "audit_head"\nalong = ["close"]'
    rules = load(site(tmp_path, text, "preconsulting.toml"))["preconsulting"]
    assert rules.papers["answer"].along == ("close",)
    assert "desk.papers.preconsulting.answer.title" in rules.text_keys()


@pytest.mark.parametrize(
    ("line", "key", "reason"),
    [
        ('paper = "x"', "replies.paper", "모르는 문서입니다: x"),
        ("by = []", "replies.by", "무엇으로 견줄지"),
        ('show = "nap"', "replies.show", "모르는 일입니다: nap"),
        ('hide = "nap"', "replies.hide", "모르는 일입니다: nap"),
    ],
)
def test_replies_that_cannot_be_shown_are_refused(tmp_path, line, key, reason):
    with pytest.raises(ProcedureError) as caught:
        load(site(tmp_path, f"[replies]\n{line}", "preconsulting.toml"))
    assert (caught.value.key, reason in caught.value.reason) == (key, True)


def test_a_report_becomes_no_paper_which_would_not_be_veiled(tmp_path):
    bad = refused(tmp_path, '[papers.answer]\nof = "result"\nsender = "audit_head"')
    assert bad.key == "papers"
    assert "가리지 않고" in bad.reason


def test_a_missing_key_is_named(tmp_path):
    bad = refused(tmp_path, '[moves.nap]\nto = "same"\nby = ["auditor"]')
    assert (bad.file, bad.key) == (str(tmp_path / "passive_report.toml"), "moves.nap.from")
    assert bad.reason == "Field required"


def test_the_shipped_file_is_blamed_for_what_it_says(tmp_path):
    with pytest.raises(ProcedureError) as caught:
        load_procedures([SHIPPED, tmp_path], guards=GUARDS - {"named"}, effects=EFFECTS)
    assert caught.value.file == str(SHIPPED / "passive_report.toml")
    assert caught.value.reason == "모르는 조건입니다: named"


@pytest.mark.parametrize("data", [b"[moves", b"\xff"])
def test_a_file_that_is_no_toml_is_named(tmp_path, data):
    (tmp_path / "passive_report.toml").write_bytes(data)
    with pytest.raises(ProcedureError) as caught:
        load(tmp_path)
    assert caught.value.file == str(tmp_path / "passive_report.toml")
    assert caught.value.key == "(file)"


def test_a_folder_without_files_is_no_fault(tmp_path):
    assert isinstance(load(tmp_path), Mapping)
    assert load_procedures([tmp_path / "none"], guards=(), effects=()).every() == ()
