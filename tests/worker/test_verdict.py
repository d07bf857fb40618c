"""What a delivery means, without any database."""

from datetime import UTC, datetime

import pytest

from bot.channel import Delivered, Later, Moved, Never, Unknown
from bot.services import quiet
from bot.worker.verdict import AGAIN, Settled, bug, judge, unknown

T = b"t" * 16


@pytest.mark.parametrize(
    ("verdict", "rank", "settled"),
    [
        (Delivered("5"), 0, Settled(1, T, "sent", message="5")),
        (Delivered(), 9, Settled(1, T, "sent")),
        (Later(7.0), 1, Settled(1, T, "pending", after=7.0, problem="later")),
        (
            Later(7.0, counts=False),
            1,
            Settled(1, T, "pending", after=7.0, blame=False, problem="later"),
        ),
        (
            Later(7.0, fault="http_403"),
            1,
            Settled(1, T, "pending", after=7.0, blame=False, problem="later", fault="http_403"),
        ),
        (Never("bad_request"), 1, Settled(1, T, "dead", problem="bad_request")),
        (Never("gone", peer_gone=True), 5, Settled(1, T, "dead", problem="gone", gone=True)),
        (Unknown(), 1, Settled(1, T, "pending", after=300.0, problem=AGAIN)),
        (Unknown(), 5, Settled(1, T, "pending", after=300.0, problem=AGAIN)),
        (Unknown(), 9, Settled(1, T, "unknown", problem="unknown")),
    ],
)
def test_each_verdict_of_a_channel_has_one_meaning(
    verdict: object, rank: int, settled: Settled
) -> None:
    assert judge(1, T, rank, verdict) == settled  # type: ignore[arg-type]


def test_a_moved_chat_is_nothing_to_judge() -> None:
    with pytest.raises(AssertionError):
        judge(1, T, 0, Moved("x"))


def test_what_may_have_arrived_keeps_its_mark_through_our_own_bugs() -> None:
    assert bug(1, T).problem == "render"
    assert bug(1, T, again=True).problem == AGAIN
    assert unknown(1, T, 0).problem == AGAIN


@pytest.mark.parametrize(
    ("utc", "opens"),
    [
        ((23, 0), None),  # 08:00 in Seoul
        ((11, 59), None),  # 20:59
        ((12, 0), (23, 0)),  # 21:00 → the next morning
        ((22, 59), (23, 0)),  # 07:59 → this morning
        ((17, 30), (23, 0)),  # 02:30
    ],
)
def test_citizens_sleep_from_nine_to_eight(
    utc: tuple[int, int], opens: tuple[int, int] | None
) -> None:
    found = quiet.until(datetime(2026, 11, 23, *utc, tzinfo=UTC))
    if opens is None:
        assert found is None
    else:
        assert found is not None
        assert found.astimezone(UTC) == datetime(2026, 11, 23, *opens, tzinfo=UTC)
