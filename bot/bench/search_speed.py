"""How fast and how large an index of so many documents is, in a process of its own."""

import argparse
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from bot.bench import search_sets as sets
from knowledge.search import CaseIndex

ROOT = Path(__file__).parents[2]
_ASKED = 300
_STATUS = Path("/proc/self/status")


def of_size(size: int, seed: int) -> dict[str, float]:
    """Measure in another process, so that nothing else is in its memory."""
    command = [sys.executable, "-m", "bot.bench.search_speed"]
    return _run([*command, "--size", str(size), "--seed", str(seed)])


def first_answer(times: int = 3) -> float:
    """Give the seconds from the start of a process to its first answer, the middle of some."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        _run([sys.executable, "-m", "bot.bench.search_first"])
        taken.append(time.perf_counter() - start)
    return sorted(taken)[times // 2]


def _run(command: Sequence[str]) -> dict[str, float]:
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def latency(search: Callable[[str], object], asked: Sequence[str]) -> dict[str, float]:
    """Give how long an answer takes, in milliseconds.

    `p50` and `p95` as it was waited for; `cpu` what the thread itself took, which a machine busy
    with something else does not lengthen.
    """
    waited, worked = [], []
    for text in asked:
        start, own = time.perf_counter(), time.thread_time()
        search(text)
        worked.append(1000 * (time.thread_time() - own))
        waited.append(1000 * (time.perf_counter() - start))
    return {
        f"{name}p{share}_ms": float(np.percentile(taken, share))
        for name, taken in (("", waited), ("cpu_", worked))
        for share in (50, 95)
    }


def _memory(line: str) -> float:
    """Give the megabytes that this process has (VmRSS), or had at most (VmHWM)."""
    found = re.search(rf"^{line}:\s+(\d+) kB", _STATUS.read_text(encoding="ascii"), re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def measure(size: int, seed: int) -> dict[str, float]:
    """Build an index of made-up documents and ask it."""
    known = sets.shipped()
    asked = [one.spellings for one in sets.questions(sets.QUESTIONS, seed)][:_ASKED]
    start = time.perf_counter()
    for _ in sets.recombined(known, size, seed):
        pass
    making = time.perf_counter() - start
    before = _memory("VmRSS")
    start = time.perf_counter()
    index = CaseIndex.build(sets.recombined(known, size, seed))
    build = time.perf_counter() - start - making
    memory, most = _memory("VmRSS"), _memory("VmHWM")
    clean = latency(index.search, [one["clean"] for one in asked])
    typo = latency(index.search, [one["typo"] for one in asked])
    start = time.perf_counter()
    again = CaseIndex.build(sets.recombined(known, size, seed))
    rebuild = time.perf_counter() - start - making
    assert len(again) == len(index) == size
    return {
        "documents": size,
        "build_s": build,
        "rebuild_s": rebuild,
        "index_mb": index.nbytes / 2**20,
        "process_mb": memory,
        "process_before_mb": before,
        "process_most_while_building_mb": most,
        "load": os.getloadavg()[0],
        **clean,
        **{f"typo_{name}": value for name, value in typo.items()},
    }


def main() -> None:
    given = argparse.ArgumentParser()
    given.add_argument("--size", type=int, required=True)
    given.add_argument("--seed", type=int, required=True)
    options = given.parse_args()
    print(json.dumps(measure(options.size, options.seed)))


if __name__ == "__main__":
    main()
