"""What a later release left in a dialog: it is not guessed at (security S23)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.dialogs.acts import KNOWN
from bot.dialogs.view import HOLDS
from knowledge.release import RELEASE

if TYPE_CHECKING:
    from bot.dialogs.form import AnyForm
    from bot.dialogs.state import State


def strange(form: AnyForm | None, state: State) -> bool:
    """Tell whether only a later release can go on with a dialog; `form` is what we know of it."""
    if form is not None and state.version > form.version:
        return True
    if state.release <= RELEASE:
        return False  # a form that is not there any more is the receiver's to tell
    return (
        form is None
        or (state.at is not None and form.step(state.at) is None)
        or state.hold not in HOLDS
        or any(not one or one[0] not in KNOWN for one in state.offered)
    )
