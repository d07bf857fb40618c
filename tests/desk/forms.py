"""A browser as far as forms go: reads a page's forms and sends one back."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit


@dataclass
class Form:
    action: str = ""
    method: str = "get"
    fields: dict[str, list[str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)  # name, value, words


class Page(HTMLParser):
    """The forms, links and words of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.scripts: list[str] = []
        self.words: list[str] = []
        self._form: Form | None = None
        self._area: str | None = None
        self._select: str | None = None
        self._button: tuple[str, str] | None = None
        self.feed(html)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def asks(self, action: str) -> bool:
        """Tell whether there is a form that goes there."""
        return any(form.action.endswith(action) for form in self.forms)

    def form(self, action: str = "", button: str = "") -> Form:
        """Find a form by the end of its action, or by the words of a button."""
        for one in self.forms:
            fits = one.method == "post" and one.action.endswith(action)
            away = "sign-out" in one.action and "sign-out" not in action
            named = not button or any(button in words for _, _, words in one.buttons)
            if fits and named and not away:
                return one
        raise AssertionError(f"no form {action!r} {button!r} in {self.text[:400]}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a: dict[str, Any] = dict(attrs)
        if tag == "form":
            self._form = Form(a.get("action", ""), a.get("method", "get"))
            self.forms.append(self._form)
        elif tag == "a" and a.get("href"):
            self.links.append(a["href"])
        elif tag == "script":
            self.scripts.append(a.get("src", ""))
        elif self._form is not None:
            self._in_form(self._form, tag, a)

    def _in_form(self, form: Form, tag: str, a: dict[str, Any]) -> None:
        name = a.get("name") or ""
        form.names |= {name}
        kind = a.get("type", "text" if tag == "input" else "submit")
        if tag == "input" and name:
            chosen = kind not in {"checkbox", "radio"} or "checked" in a
            if chosen and kind != "file":
                form.fields.setdefault(name, []).append(a.get("value") or "")
        elif tag == "textarea":
            self._area = name
            form.fields[name] = [""]
        elif tag == "select":
            self._select = name
            form.fields.setdefault(name, [""])
        elif tag == "option" and self._select and "selected" in a:
            form.fields[self._select] = [a.get("value", "")]
        elif tag == "button" and kind == "submit":
            self._button = (name, a.get("value", ""))

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if self._area and self._form:
            self._form.fields[self._area][0] += data
        if self._button and self._form and data.strip():
            self._form.buttons.append((*self._button, data.strip()))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea" and self._form and self._area:
            value = self._form.fields[self._area]
            value[0] = value[0].removeprefix("\n")
            self._area = None
        elif tag == "select":
            self._select = None
        elif tag == "button":
            self._button = None


def path_of(url: str) -> str:
    return urlsplit(url).path
