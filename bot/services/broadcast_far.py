"""How far a broadcast is, in one line: the same at the desk, the console and the messenger."""

from bot.dialogs.replies import Param, Phrase
from bot.services.broadcast_progress import Progress

MINUTE, HOUR = 60, 3600


def line(far: Progress) -> Phrase:
    """Say it: "{sent}/{total} 보냄 · 실패 {failed} · 남은 시간 약 {eta}" (wording.md §12.1)."""
    told: dict[str, Param] = {
        "sent": f"{far.sent:,}", "total": f"{far.total:,}", "failed": f"{far.failed:,}",
        "eta": eta(far.seconds_left or 0.0), "rate": f"{far.per_second:,.1f}",
    }  # fmt: skip
    if far.waits:
        return Phrase("newsletter.progress_waits", told)
    if far.state == "sending":
        known = far.seconds_left is not None
        return Phrase("newsletter.progress" if known else "newsletter.progress_early", told)
    return Phrase("newsletter.result", {**told, "unknown": f"{far.unknown:,}"})


def eta(seconds: float) -> Phrase:
    """Say how long it will take, in whole minutes."""
    if seconds < MINUTE:
        return Phrase("newsletter.eta.soon")
    minutes = round(seconds / MINUTE)
    if minutes < HOUR // MINUTE:
        return Phrase("newsletter.eta.minutes", {"n": minutes})
    hours, rest = divmod(minutes, HOUR // MINUTE)
    return Phrase("newsletter.eta.hours", {"n": hours, "rest": rest})
