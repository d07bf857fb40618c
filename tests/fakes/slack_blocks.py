"""What Slack refuses in blocks, in its own words.

Numbers and names are those of docs.slack.dev (reference/block-kit) and of `slack_sdk.models`.
Where the real one is lenient in ways nobody documented, this one refuses.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from tests.fakes.slack_errors import JSON, invalid

# ---- text


def check_text(made: Any, most: int, *, least: int = 1, only_plain: bool = False) -> None:
    """A text object (reference/block-kit/composition-objects/text-object)."""
    if not isinstance(made, dict) or not isinstance(made.get("text"), str):
        raise invalid("text object expected")
    plain = made.get("type") == "plain_text"
    if not plain and (only_plain or made.get("type") != "mrkdwn"):
        raise invalid(f"wrong type of text: {made.get('type')}")
    check_keys(made, {"type", "text", "emoji"} if plain else {"type", "text", "verbatim"})
    check_length(made["text"], most, least)


def check_length(text: Any, most: int, least: int = 1) -> None:
    if not isinstance(text, str) or not least <= len(text) <= most:
        raise invalid(f"must be between {least} and {most} characters: {str(text)[:40]!r}")
    text.encode()  # no half of a surrogate pair


def check_keys(made: JSON, known: Iterable[str]) -> None:
    unknown = made.keys() - set(known)
    if unknown:
        raise invalid(f"invalid additional property: {sorted(unknown)}")


def _some(made: Any, most: int, least: int = 1) -> list[Any]:
    if not isinstance(made, list) or not least <= len(made) <= most:
        raise invalid(f"must have between {least} and {most} items")
    return made


# ---- elements


def _option(made: JSON, most: int = 75) -> None:
    check_keys(made, {"text", "value", "description", "url"})
    check_text(made.get("text"), most, only_plain="url" in made)
    check_length(made.get("value"), 150)
    if "description" in made:
        check_text(made["description"], 75, only_plain=True)


def _options(made: JSON, most: int) -> None:
    if "options" in made:
        for option in _some(made["options"], most):
            _option(option)
        values = [option["value"] for option in made["options"]]
        if len(set(values)) != len(values):
            raise invalid("option values must be unique")
    else:
        for group in _some(made.get("option_groups"), most):
            check_text(group["label"], 75, only_plain=True)
            _options(group, most)
    one = [made["initial_option"]] if "initial_option" in made else []
    chosen = made.get("initial_options") or one
    every = made.get("options") or [o for g in made["option_groups"] for o in g["options"]]
    if any(option not in every for option in chosen):
        raise invalid("initial option must match one of the options")


def _confirm(made: JSON) -> None:
    check_keys(made, {"title", "text", "confirm", "deny", "style"})
    check_text(made["title"], 100, only_plain=True)
    check_text(made["text"], 300)
    check_text(made["confirm"], 30, only_plain=True)
    check_text(made["deny"], 30, only_plain=True)


COMMON = {"type", "action_id", "confirm", "focus_on_load", "placeholder"}
TYPED = COMMON | {"initial_value", "dispatch_action_config"}
ELEMENTS: dict[str, set[str]] = {
    "button": {"type", "action_id", "text", "url", "value", "style", "confirm",
               "accessibility_label"},
    "plain_text_input": TYPED | {"multiline", "min_length", "max_length"},
    "email_text_input": TYPED, "url_text_input": TYPED,
    "number_input": TYPED | {"is_decimal_allowed", "min_value", "max_value"},
    "static_select": COMMON | {"options", "option_groups", "initial_option"},
    "multi_static_select": COMMON | {"options", "option_groups", "initial_options",
                                     "max_selected_items"},
    "external_select": COMMON | {"initial_option", "min_query_length"},
    "multi_external_select": COMMON | {"initial_options", "min_query_length",
                                       "max_selected_items"},
    "checkboxes": COMMON | {"options", "initial_options"},
    "radio_buttons": COMMON | {"options", "initial_option"},
    "datepicker": COMMON | {"initial_date"},
    "datetimepicker": COMMON | {"initial_date_time"},
    "timepicker": COMMON | {"initial_time", "timezone"},
    "overflow": {"type", "action_id", "options", "confirm"},
    "file_input": {"type", "action_id", "filetypes", "max_files"},
}  # fmt: skip
MANY = {"static_select": 100, "multi_static_select": 100, "checkboxes": 10, "radio_buttons": 10,
        "overflow": 5}  # fmt: skip
ACTIONS = {"button", "static_select", "external_select", "checkboxes", "radio_buttons",
           "datepicker", "datetimepicker", "timepicker", "overflow"}  # fmt: skip
INPUTS = ELEMENTS.keys() - {"button", "overflow"}
BESIDE = ACTIONS | {"multi_static_select", "multi_external_select"}


def _element(made: Any, allowed: Iterable[str]) -> None:
    if not isinstance(made, dict) or made.get("type") not in set(allowed):
        raise invalid(f"unsupported element: {made}")
    kind = made["type"]
    check_keys(made, ELEMENTS[kind])
    check_length(made.get("action_id"), 255)
    if kind == "button":
        _button(made)
    if kind in INPUTS:
        _typed(made, kind)
    if kind in MANY:
        _options(made, MANY[kind])
    if "placeholder" in made:
        check_text(made["placeholder"], 150, only_plain=True)
    if "confirm" in made:
        _confirm(made["confirm"])


def _button(made: JSON) -> None:
    check_text(made.get("text"), 75, only_plain=True)
    check_length(made.get("value", ""), 2000, 0)
    check_length(made.get("url", ""), 3000, 0)
    check_length(made.get("accessibility_label", ""), 75, 0)
    if made.get("style", "primary") not in {"primary", "danger"}:
        raise invalid("unsupported style")
    if "url" in made and not re.match(r"https?://[^\s<>|]+$", made["url"]):
        raise invalid("must be a valid url")


def _typed(made: JSON, kind: str) -> None:
    if kind == "plain_text_input" and not 0 < made.get("max_length", 3000) <= 3000:
        raise invalid("max_length must be at most 3000")
    if "initial_value" in made:
        check_length(made["initial_value"], made.get("max_length", 3000), 0)
    if kind == "file_input" and not 1 <= made.get("max_files", 10) <= 10:
        raise invalid("max_files must be between 1 and 10")
    if kind == "datepicker" and not re.fullmatch(
        r"\d{4}-\d\d-\d\d", made.get("initial_date", "2026-01-01")
    ):
        raise invalid("invalid date")


# ---- blocks


def _section(block: JSON) -> None:
    check_keys(block, {"type", "block_id", "text", "fields", "accessory", "expand"})
    if "text" not in block and "fields" not in block:
        raise invalid("a section needs text or fields")
    if "text" in block:
        check_text(block["text"], 3000)
    for one in _some(block["fields"], 10) if "fields" in block else ():
        check_text(one, 2000)
    if "accessory" in block:
        _element(block["accessory"], BESIDE)


def _rich(block: JSON) -> None:
    check_keys(block, {"type", "block_id", "elements"})
    for part in _some(block["elements"], 100):
        if part.get("type") == "rich_text_list":
            check_keys(part, {"type", "style", "indent", "offset", "border", "elements"})
            for line in part["elements"]:
                _runs(line)
        else:
            _runs(part)


def _runs(part: JSON) -> None:
    if part.get("type") not in {
        "rich_text_section", "rich_text_quote", "rich_text_preformatted",
    }:  # fmt: skip
        raise invalid(f"unsupported rich text: {part.get('type')}")
    for run in _some(part["elements"], 1000):
        if run.get("type") not in {"text", "link"}:
            # Slack has more: people, rooms and everybody. Nobody here may call them.
            raise invalid(f"this house never asks for {run.get('type')}")
        check_keys(run, {"type", "text", "style", "url"})
        check_length(run.get("text"), 40_000)
        style = run.get("style", {})
        check_keys(style, {"bold", "italic", "strike", "code"})


def _input(block: JSON) -> None:
    check_keys(
        block, {"type", "block_id", "label", "element", "hint", "optional", "dispatch_action"}
    )
    check_text(block["label"], 2000, only_plain=True)
    if "hint" in block:
        check_text(block["hint"], 2000, only_plain=True)
    _element(block["element"], INPUTS)


def _actions(block: JSON) -> None:
    check_keys(block, {"type", "block_id", "elements"})
    for element in _some(block["elements"], 25):
        _element(element, ACTIONS)


def _context(block: JSON) -> None:
    check_keys(block, {"type", "block_id", "elements"})
    for element in _some(block["elements"], 10):
        check_text(element, 3000)


def _header(block: JSON) -> None:
    check_keys(block, {"type", "block_id", "text"})
    check_text(block["text"], 150, only_plain=True)


def _divider(block: JSON) -> None:
    check_keys(block, {"type", "block_id"})


def _image(block: JSON) -> None:
    check_keys(block, {"type", "block_id", "image_url", "alt_text"})
    check_length(block.get("alt_text"), 2000)
    check_length(block.get("image_url"), 3000)
    if not block["image_url"].startswith("https://"):
        raise invalid("downloading image failed [json-pointer:/blocks/0/image_url]")


CHECKS: dict[str, Callable[[JSON], None]] = {
    "section": _section, "rich_text": _rich, "input": _input, "actions": _actions,
    "context": _context, "image": _image, "header": _header, "divider": _divider,
}  # fmt: skip


def check_blocks(blocks: Any, most: int, *, inputs: bool = False) -> None:
    """Refuse what one of them or all together are not allowed; `inputs`: in a modal."""
    ids: list[str] = []
    for block in _some(blocks, most, 0):
        if not isinstance(block, dict) or block.get("type") not in CHECKS:
            raise invalid(f"unsupported block: {block}")
        if block["type"] == "input" and not inputs:
            raise invalid("input blocks stand in modals only")
        CHECKS[block["type"]](block)
        check_length(block.get("block_id", "x"), 255)
        ids += [block["block_id"]] if "block_id" in block else []
        names = [element["action_id"] for element in elements([block])]
        if len(set(names)) != len(names):
            raise invalid(f"`action_id` {names} already exists for this block")
    if len(set(ids)) != len(ids):
        raise invalid("`block_id` already exists")


def elements(blocks: Iterable[JSON]) -> Iterator[JSON]:
    """Give everything that can be pressed or filled in."""
    for block in blocks:
        if block["type"] == "actions":
            yield from block["elements"]
        elif block["type"] == "input":
            yield block["element"]
        elif "accessory" in block:
            yield block["accessory"]
