"""Writes docs/procedures.md from the procedure files: `python -m bot.cli.procedures`."""

import re
from collections.abc import Iterable, Iterator, Sequence

from bot import catalogue
from bot.cli.diagrams import WIDE, drawn, edges, moves_on
from bot.locale import PREVAILING, Texts
from bot.services.guards import GUARDS
from knowledge.clock import Deadline
from knowledge.procedures import Move, Procedure, Procedures

MADE = (
    "이 쪽은 `python -m bot.cli.procedures > docs/procedures.md`가 `knowledge/data/procedures/*.toml`과 "
    "문장에서 만듭니다. 손으로 고치지 않습니다. 기관이 자기 폴더에서 덮어쓴 값은 들어 있지 않습니다."
)
BY = {"citizen": "시민", "official": "직원"}
REACH = {
    "audit": "감사 부서의 것",
    "unit": "부서의 것. 감사 부서에는 넘어온 뒤부터 보입니다",
    "own": "그 사람만의 것. 기관의 누구에게도 보이지 않습니다",
}
ROLES = {
    "citizen": "시민",
    "clock": "시계",
    "applicant": "신청한 직원",
    "approver": "부서장(대직자)",
    "handler": "맡은 사람",
    "unit": "부서",
}
COUNTS = {
    "work_hours": "근무시간",
    "work_days": "근무일",
    "calendar_days": "일(쉬는 날도 셈)",
    "months": "달",
}
_HOLE = re.compile(r"\{[^{}]*\}")
MOMENTS = {"arrived": "들어온 때", "received": "접수한 때"}
CLOCKS = {
    "start": "셈 시작",
    "pause": "멈춤",
    "resume": "다시 셈",
    "extend": "늘림",
    "stop": "셈 끝",
}


def page(texts: Texts, procedures: Procedures) -> str:
    """Give every procedure in every version as Markdown: for who runs, reviews or extends it."""
    every = sorted(procedures.every(), key=lambda one: (one.id, one.version))
    head = ["# 절차", "", MADE, "", *_contents(every), "", *_how(), ""]
    parts = [line for one in every for line in _Page(texts, one).lines()]
    return "\n".join([*head, *parts, *_guards(texts, every)]).rstrip("\n") + "\n"


def _contents(every: Sequence[Procedure]) -> Iterator[str]:
    for one in every:
        yield f"* [{one.title}](#{one.id}-{one.version}판)"
    yield "* [조건](#조건)"


def _how() -> Iterator[str]:
    yield (
        "그림에는 상태를 바꾸는 일만 있습니다. 상태를 그대로 두는 일은 그림 밑에 적었고, "
        f"{WIDE}개 이상의 상태에서 끝으로 가는 일은 `여러 상태`에서 나가는 화살로 한데 그렸습니다. "
        "두꺼운 테두리는 끝난 상태입니다. 그림을 볼 수 없으면 바로 밑의 목록이 같은 것을 말합니다."
    )
    yield ""
    yield "**확인**이라고 적힌 것은 법령에서 바로 읽히지 않아 기관이 확인해야 하는 값입니다."


class _Page:
    """One procedure."""

    def __init__(self, texts: Texts, rules: Procedure) -> None:
        self._texts = texts
        self._rules = rules

    def lines(self) -> Iterator[str]:
        yield from (f"## {self._rules.id} {self._rules.version}판", "")
        yield from (*self._about(), "", "### 상태", "", *self._states(), "")
        yield from ("### 그림", "", "```mermaid", *drawn(self._rules, self.state, self.move))
        yield from ("```", "", *self._ways(), "")
        yield from ("### 기한", "", *self._deadlines(), "", "### 하는 일", "", *self._moves(), "")
        yield from (*self._unconfirmed(), "")

    def state(self, name: str) -> str:
        return self._said(f"state.{name}") or name

    def move(self, action: str) -> str:
        return self._said(f"move.{action}.name") or action

    def _said(self, key: str) -> str:
        found = self._texts.own(key, self._rules.id)
        raw = self._texts.raw(found).replace("**", "") if self._texts.has(found) else ""
        return _HOLE.sub("…", raw)

    def _about(self) -> Iterator[str]:
        rules, filing = self._rules, self._rules.filing
        commands = ", ".join(f"`{one}`" for one in filing.commands)
        yield f"**{rules.title}** (시행 {rules.effective_from.isoformat()})"
        yield ""
        yield f"* 근거: {rules.source}"
        yield f"* 시작하는 사람: {', '.join(BY[one] for one in filing.by)} (명령 {commands})"
        yield f"* 누구의 것: {REACH[filing.reach]}"
        if filing.deadline:
            yield f"* 으뜸 기한: `{filing.deadline}`"
        if filing.needs:
            yield f"* `site.toml`의 `{filing.needs}`를 켠 기관에만 있습니다."
        if filing.only is not None:
            values = ", ".join(f"`{one}`" for one in filing.only.values)
            yield f"* `{filing.only.field}`의 답이 {values}일 때만 남깁니다."
        if filing.keeps:
            yield f"* 남기는 답: {', '.join(f'`{name}`' for name in filing.keeps)}. 나머지는 남기지 않습니다."

    def _states(self) -> Iterator[str]:
        rows = []
        for name, state in self._rules.states.items():
            kind = "끝" if state.final else "처음" if name in self._rules.filing.firsts() else ""
            rows.append((f"`{name}`", self.state(name), self._said(state.words), kind))
        yield from table(("상태", "직원이 보는 말", "신청한 사람이 보는 말", ""), rows)

    def _ways(self) -> Iterator[str]:
        """Say what the picture shows, as a list."""
        branch = self._rules.filing.branch
        yield f"* 처음: {self.state(self._rules.filing.state)}"
        if branch is not None:
            for value, name in branch.to.items():
                yield f"* 처음(`{branch.field}`의 답이 `{value}`): {self.state(name)}"
        drawn_ = edges(self._rules)
        for (start, end), actions in drawn_.items():
            names = ", ".join(self.move(one) for one in actions)
            yield f"* {self.state(start) if start else '여러 상태'} → {self.state(end)}: {names}"
        for move in self._rules.moves.values():
            if any(not start and move.action in names for (start, _), names in drawn_.items()):
                where = ", ".join(self.state(one) for one in move.from_)
                yield f"* `여러 상태`의 {self.move(move.action)}: {where}"
        staying = [
            self.move(one.action) for one in self._rules.moves.values() if not moves_on(one)
        ]
        if staying:
            yield f"* 상태를 그대로 두는 일: {', '.join(staying)}"

    def _deadlines(self) -> Iterator[str]:
        rows = [
            (
                f"`{one.name}`" + (" (확인)" if one.confirm else ""),
                self._amount(one),
                self._moment(one.starts),
                ", ".join(self.move(action) for action in one.ends),
                ", ".join(self._said(f"pause.{kind}") for kind in one.pauses),
                "; ".join(self._after(one)),
                one.source,
            )
            for one in self._rules.deadlines.values()
        ]
        head = ("기한", "얼마", "언제부터", "끝내는 일", "멈추는 것", "그 밖", "근거")
        yield from table(head, rows)

    def _amount(self, one: Deadline) -> str:
        own = f" (기관이 정함: `{one.setting}`)" if one.setting else ""
        if not one.amount:
            return f"정하기 전에는 없음{own}"
        field = one.amount_field or one.day_field
        given = f", `{field}` 칸에 적은 대로" if field else ""
        return f"{one.amount} {COUNTS[one.count]}{given}{own}"

    def _moment(self, name: str) -> str:
        return MOMENTS.get(name) or self.move(name)

    def _after(self, one: Deadline) -> Iterator[str]:
        """Say who is told when, what the clock does, how it may grow."""
        if one.told:
            yield "신청한 사람도 아는 날"
        if one.extendable:
            yield f"{len(one.extendable)}번 늘릴 수 있음"
        if one.before is not None and one.remind_before:
            days = ", ".join(f"{n}일 전" if n else "그날" for n in one.remind_before)
            yield f"{days} {self._who(one.before.to)}에게"
        if one.over is not None:
            yield f"지나면 {self._who(one.over.to)}에게"
        if one.then:
            yield f"지나면 시계가 '{self.move(one.then)}'"
        if one.repeats:
            yield "되풀이"

    def _moves(self) -> Iterator[str]:
        rows = [
            (
                self.move(one.action) + (" (확인)" if one.confirm else ""),
                f"`{one.action}`",
                ", ".join(self._who(role) for role in one.by),
                self._where(one),
                ", ".join(f"`{name}`" for name in (*one.guard, *one.effects)),
                self._clock(one),
                one.source,
            )
            for one in self._rules.moves.values()
        ]
        head = ("하는 일", "이름", "누가", "어디서 → 어디로", "조건과 효과", "시계", "근거")
        yield from table(head, rows)

    def _where(self, move: Move) -> str:
        opened = tuple(name for name, one in self._rules.states.items() if not one.final)
        starts = {opened: "끝나지 않은 모두", tuple(self._rules.states): "모두"}
        from_ = starts.get(move.from_) or ", ".join(self.state(one) for one in move.from_)
        if not moves_on(move):
            return from_
        ends = dict.fromkeys(to for one in move.from_ for to in move.targets(one))
        return f"{from_} → {', '.join(self.state(one) for one in ends)}"

    def _clock(self, move: Move) -> str:
        grave = ["직원 화면에서만"] if move.grave else []
        word = [f"`{move.on}` {CLOCKS[move.clock]}"] if move.clock != "none" else []
        return ", ".join((*word, *grave))

    def _who(self, role: str) -> str:
        return ROLES.get(role) or self._texts.raw(f"desk.role.{role}")

    def _unconfirmed(self) -> Iterator[str]:
        found = self._rules.unconfirmed()
        if found:
            yield f"기관이 확인할 것: {', '.join(f'`{one}`' for one in found)}"


def _guards(texts: Texts, every: Iterable[Procedure]) -> Iterator[str]:
    """Say what each guard refuses, in the words that an official reads."""
    used = {name for one in every for move in one.moves.values() for name in move.guard}
    known = [name for name in GUARDS if name in used]
    yield from ("## 조건", "", "어기면 하지 않고 아래 말로 까닭을 알립니다.", "")
    rows = [(f"`{name}`", _guard(texts, name)) for name in known]
    yield from table(("조건", "어기면"), rows)


def _guard(texts: Texts, name: str) -> str:
    return texts.raw(f"guard.{name}") if texts.has(f"guard.{name}") else ""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Give a table of Markdown; a line break or a bar would end a cell."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        cells = (" ".join(cell.split()).replace("|", "\\|") for cell in row)
        yield f"| {' | '.join(cells)} |"


def main() -> None:
    """Print the page."""
    texts = Texts.load()
    assert PREVAILING in texts.languages
    print(page(texts, catalogue.load(texts).procedures), end="")


if __name__ == "__main__":
    main()
