"""A procedure as a picture that can be read: a Mermaid state diagram of what moves a filing on.

What leaves the state as it is, is not drawn. A move that ends a filing from many states is one
arrow from a box of its own: an arrow from each would hide all the others.
"""

from collections.abc import Callable, Iterator

from knowledge.procedures import SAME, Move, Procedure

WIDE = 3
"""From so many states on, what ends a filing is drawn from the box of many states."""

MANY = "many"
ROOM = '%%{init: {"state": {"nodeSpacing": 90, "rankSpacing": 70}}}%%'
"""Between states: at Mermaid's own distance the words of two arrows cover each other."""

Edges = dict[tuple[str, str], list[str]]


def moves_on(move: Move) -> bool:
    """Tell whether a move may change the state."""
    return any(target not in {SAME, name} for name in move.from_ for target in move.targets(name))


def edges(rules: Procedure) -> Edges:
    """Give the arrows, each with its moves; "" as the start is the box of many states."""
    found: Edges = {}
    for move in rules.moves.values():
        leaving = [
            (name, target)
            for name in move.from_
            for target in move.targets(name)
            if target != name
        ]
        ends = {target for _, target in leaving}
        final = all(rules.states[target].final for target in ends)
        wide = final and len({name for name, _ in leaving}) >= WIDE
        for name, target in leaving:
            names = found.setdefault(("" if wide else name, target), [])
            if move.action not in names:
                names.append(move.action)
    return found


def drawn(
    rules: Procedure, state: Callable[[str], str], move: Callable[[str], str]
) -> Iterator[str]:
    """Give the diagram's lines; `state` and `move` say a name in words."""
    arrows = edges(rules)
    yield ROOM
    yield "stateDiagram-v2"
    yield "  direction TB"
    shown = dict.fromkeys(
        (rules.filing.state, *(name for pair in arrows for name in pair if name))
    )
    for name in shown:
        yield f"  state {quoted(state(name))} as s_{name}"
    if any(not start for start, _ in arrows):
        yield f"  state {quoted('여러 상태')} as {MANY}"
    yield from (f"  [*] --> s_{name}" for name in rules.filing.firsts())
    for (start, end), actions in arrows.items():
        names = "<br/>".join(plain(move(one)) for one in actions)
        yield f"  {f's_{start}' if start else MANY} --> s_{end} : {names}"
    final = [f"s_{name}" for name in shown if rules.states[name].final]
    yield "  classDef final stroke-width:3px"
    yield f"  class {','.join(final)} final"


def plain(words: str) -> str:
    """Take out what Mermaid would read as its own."""
    return "".join(" " if sign in ':;#"<>{}' else sign for sign in words).strip()


def quoted(words: str) -> str:
    return f'"{plain(words)}"'
