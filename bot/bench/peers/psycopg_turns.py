"""The floor under a turn: a bare loop that commits as many statements, and does nothing else.

`psycopg_turns.py --url … --at-once 4 --statements 20 --seconds 5` writes its transactions a second.
"""

import argparse
import json
import multiprocessing
import time

import psycopg

ROWS = 10_000
STATE, EVENT = b"s" * 600, b"e" * 400


def make(url: str) -> None:
    """Make a table of conversations and one of events."""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("DROP TABLE IF EXISTS floor_talks, floor_events")
        conn.execute("CREATE TABLE floor_talks (id int PRIMARY KEY, turn int, state bytea)")
        conn.execute("CREATE TABLE floor_events (id bigserial PRIMARY KEY, talk int, data bytea)")
        conn.execute("INSERT INTO floor_talks SELECT n, 0, %s FROM generate_series(1, %s) n",
                     (STATE, ROWS))  # fmt: skip


def work(
    url: str, number: int, statements: int, until: float, told: "multiprocessing.Queue[int]"
) -> None:
    """Commit until the time is over: one update, two inserts, the rest reads by key."""
    done = 0
    with psycopg.connect(url) as conn:
        while time.monotonic() < until:
            who = (number * 2_654_435 + done * 7919) % ROWS + 1
            for _ in range(statements - 3):
                conn.execute(
                    "SELECT turn, state FROM floor_talks WHERE id = %s", (who,)
                ).fetchone()
            conn.execute(
                "UPDATE floor_talks SET turn = turn + 1, state = %s WHERE id = %s", (STATE, who)
            )
            for _ in range(2):
                conn.execute("INSERT INTO floor_events (talk, data) VALUES (%s, %s)", (who, EVENT))
            conn.commit()
            done += 1
    told.put(done)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--at-once", type=int, default=4)
    parser.add_argument("--statements", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=5.0)
    given = parser.parse_args()
    make(given.url)
    told: multiprocessing.Queue[int] = multiprocessing.Queue()
    until = time.monotonic() + given.seconds
    working = [
        multiprocessing.Process(target=work, args=(given.url, n, given.statements, until, told))
        for n in range(given.at_once)
    ]
    for one in working:
        one.start()
    done = sum(told.get() for _ in working)
    for one in working:
        one.join()
    with psycopg.connect(given.url, autocommit=True) as conn:
        conn.execute("DROP TABLE floor_talks, floor_events")
    print(json.dumps({"turns_per_s": round(done / given.seconds, 1)}))


if __name__ == "__main__":
    main()
