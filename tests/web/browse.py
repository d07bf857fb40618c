"""A browser without a script: reads forms, fills them in, sends them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

from starlette.testclient import TestClient


@dataclass
class Form:
    """One form of a page: where it goes, what it carries, what can be pressed in it."""

    action: str
    method: str
    multipart: bool
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)  # label, name, value
    choices: dict[str, list[tuple[str, str]]] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text: list[str] = []
        self._form: Form | None = None
        self._button: list[str] | None = None
        self._area: str | None = None
        self._quiet = False

    def handle_starttag(self, tag, attrs) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append((tag, given))
        self._quiet = tag in {"script", "style", "title"}
        if tag == "form":
            self._form = Form(
                given.get("action", ""),
                given.get("method", "get"),
                "multipart" in given.get("enctype", ""),
            )
            self.forms.append(self._form)
        form = self._form
        if form is None:
            return
        if tag == "input":
            name, value = given.get("name", ""), given.get("value", "")
            if given.get("type") in {"radio", "checkbox"}:
                form.choices.setdefault(name, []).append((value, given.get("id", "")))
                if "checked" in given:
                    form.fields[name] = value
            elif given.get("type") != "file" and name:
                form.fields[name] = value
        elif tag == "textarea":
            self._area = given.get("name", "")
            form.fields[self._area] = ""
        elif tag == "button":
            self._button = [given.get("name", ""), given.get("value", ""), ""]

    def handle_endtag(self, tag) -> None:
        if tag in {"script", "style", "title"}:
            self._quiet = False
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._area = None
        elif tag == "button" and self._button is not None and self._form is not None:
            name, value, label = self._button
            self._form.buttons.append((" ".join(label.split()), name, value))
            self._button = None

    def handle_data(self, data) -> None:
        if self._quiet:
            return
        self.text.append(data)
        if self._button is not None:
            self._button[2] += data
        if self._area is not None and self._form is not None:
            self._form.fields[self._area] += data


@dataclass
class Page:
    status: int
    html: str
    headers: dict[str, str]

    def __post_init__(self) -> None:
        reader = _Reader()
        reader.feed(self.html)
        self.forms, self.tags = reader.forms, reader.tags
        self.text = " ".join("".join(reader.text).split())


class Browser:
    """Opens pages and presses buttons."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.page = Page(0, "", {})

    def _take(self, answer) -> Page:
        self.page = Page(answer.status_code, answer.text, dict(answer.headers))
        self.raw = answer
        return self.page

    def open(self, path: str) -> Page:
        return self._take(self.client.get(path))

    def press(self, label: str, files=None, **fields: str) -> Page:
        """Press the first button with these words; fields by their names."""
        for form in self.page.forms:
            for words, name, value in form.buttons:
                if label in words:
                    return self._send(form, {name: value} if name else {}, fields, files)
        raise AssertionError(f"no button {label!r} on: {self.page.text}")

    def _send(self, form: Form, pressed: dict[str, str], fields: dict[str, str], files) -> Page:
        data = form.fields | fields | pressed
        if form.multipart:
            parts = files or [("files", ("", b""))]
            return self._take(self.client.post(form.action, data=data, files=parts))
        return self._take(self.client.post(form.action, data=data))
