"""Somebody without a mouse: every step is a key, and where the keys are is always to be seen."""

from dataclasses import dataclass

from playwright.sync_api import Page

HERE = """() => {
    const e = document.activeElement;
    if (!e || e === document.body) return null;
    const s = getComputedStyle(e);
    const l = e.labels && e.labels[0];
    const box = e.getBoundingClientRect();
    return {
        id: e.id,
        name: (l ? l.innerText : e.getAttribute('aria-label') || e.innerText || '').trim(),
        tag: e.tagName, type: e.type || '', value: e.value || '', checked: Boolean(e.checked),
        chosen: e.selectedOptions ? e.selectedOptions[0].text : '',
        seen: s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 3
            && box.bottom > 0 && box.top < innerHeight,
    };
}"""
MOST = 120
"""No page has more stops: who has pressed Tab so often is trapped, or there is no way."""


@dataclass
class Keys:
    """A page, and nothing but keys."""

    page: Page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def here(self) -> dict[str, object]:
        """Tell what has the focus; {} at the beginning of a page."""
        return self.page.evaluate(HERE) or {}

    def to(self, name: str, *, back: bool = False) -> dict[str, object]:
        """Go on with Tab until what has the focus bears this name (or `#id`); each stop must be visible."""
        passed = []
        for _ in range(MOST):
            self.press("Shift+Tab" if back else "Tab")
            here = self.here()
            if not here:
                continue
            passed.append(str(here["name"])[:30])
            assert here["seen"], f"the focus on {passed[-1]!r} cannot be seen"
            if str(here["name"]).split("\n")[0].startswith(name) or f"#{here['id']}" == name:
                return here
        raise AssertionError(f"no key leads to {name!r}: {passed}")

    def write(self, name: str, text: str) -> None:
        """Fill a field."""
        self.to(name)
        self.page.keyboard.type(text)

    def day(self, name: str, iso: str) -> None:
        """Fill a date, in the order in which this browser asks for its parts."""
        self.to(name)
        year, month, day = iso.split("-")
        for typed in (f"{month}{day}{year}", f"{year}{month}{day}"):
            self.page.keyboard.type(typed)
            if self.here()["value"] == iso:
                return
            self.press("ArrowLeft", "ArrowLeft")
        raise AssertionError(f"the date {iso} could not be typed")

    def tick(self, name: str) -> None:
        """Tick a box."""
        self.to(name)
        self.press("Space")
        assert self.here()["checked"]

    def pick(self, first: str, name: str) -> None:
        """Choose among radio buttons with the arrows; `first` is where Tab comes in."""
        self.to(first)
        self.press("Space")
        for _ in range(MOST):
            here = self.here()
            if str(here["name"]).startswith(name) and here["checked"]:
                return
            self.press("ArrowDown")
        raise AssertionError(f"no arrow leads to {name!r}")

    def choose(self, option: str) -> None:
        """Choose in the list that has the focus, with the arrows."""
        before = None
        while (chosen := self.here()["chosen"]) != before:
            if chosen == option:
                return
            before = chosen
            self.press("ArrowDown")
        raise AssertionError(f"{option!r} is not in the list")

    def go(self, name: str = "") -> None:
        """Press Enter (on what bears this name) where it leads to another page."""
        if name:
            self.to(name)
        with self.page.expect_navigation():
            self.press("Enter")

    def sends(self, name: str) -> None:
        """Send a form: its answer begins at what is wrong, at what was done or at the heading."""
        self.go(name)
        self.page.wait_for_function(
            "() => document.activeElement.matches('#errors, .desk-said, h1, [autofocus]')"
        )

    def goes_round(self) -> int:
        """Go through a whole page; gives how many stops it has. Nothing keeps the focus."""
        self.press("Tab")  # where a page begins after a form, its heading, is no stop
        start = self.here()
        for stops in range(1, MOST):
            self.press("Tab")
            here = self.here()
            assert not here or here["seen"], here
            if here == start:
                return stops
        raise AssertionError("the focus is trapped")
