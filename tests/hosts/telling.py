"""The figures of a run, in lines for whoever ran it."""

import os
from collections.abc import Sequence

from tests.hosts.faults import Fault, counted, recoveries
from tests.hosts.reckon import Found
from tests.hosts.town import Town

Figures = dict[str, tuple[int, int]]


def figures(town: Town) -> Figures:
    """Give the memory (MB) and the threads of each process."""
    return {
        name: (one.figure("VmRSS") // 1024, one.figure("Threads"))
        for name, one in town.fleet.members.items()
    }


def tell(
    town: Town,
    found: Found,
    faults: Sequence[Fault],
    during: tuple[float, float],
    before: Figures,
    held: dict[str, int],
) -> None:
    """Print what happened."""
    street, telegram = town.outside.street, town.outside.telegram
    times = recoveries(faults, town.outside.looks)
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"\n{during[1] - during[0]:.0f}초 동안 고장 {len(faults)}번, 이 기계의 부하 {load}")
    print("| 고장 | 번 | 끝난 뒤 스스로 돌아오기까지 가장 긴(초) |")
    print("|---|---|---|")
    for kind, many in sorted(counted(faults).items()):
        longest = f"{max(times[kind]):.1f}" if kind in times else "–"
        print(f"| {NAMES[kind]} | {many} | {longest} |")
    answers = street.answers
    rest = {one: answers[one] for one in answers if one not in {"200", "503", "none"}}
    doors = [f"{street.longest(*during, url):.1f}" for url in town.doors]
    print(f"시민 {found.citizens}명, 다 낸 분 {found.submitted}명, 접수 {found.filings}건")
    print(f"보인 접수번호 {found.receipts}, 텔레그램이 받은 말 {found.accepted}", end=", ")
    print(f"두 번 간 말 {found.doubled}(다시 보냄으로 적은 말 {found.marked})")
    print(f"답: 200 {answers['200']}, 503 {answers['503']}, 없음 {answers['none']}, 그 밖 {rest}")
    silent = town.outside.silent(*during)
    print(f"아무 데서도 받지 못한 가장 긴 동안 {street.longest(*during):.1f}초", end="")
    print(f"(그 가운데 제대로라고 말한 호스트가 있던 동안 {silent:.1f}초)", end=", ")
    print(f"한 호스트에서 {', '.join(doors)}초")
    print(f"한꺼번에: 모두 {found.fastest:.1f}, 한 대화 {found.fastest_chat:.1f}", end="; ")
    print(f"텔레그램의 탈 {dict(telegram.moods)}")
    print(f"죽인 프로세스 {town.fleet.kills}, 켠 {town.fleet.starts}", end="")
    print(f"(DB가 없어 켜지지 못한 {town.fleet.refused}), 연결 {held}")
    after = figures(town)
    for name in after:
        (was, threads), (now, still) = before[name], after[name]
        print(f"{name}: 메모리 {was}→{now} MB, 스레드 {threads}→{still}")
    print(f"줄: {dict(found.rows)}; 틀린 것 {len(found.wrong)}", flush=True)


NAMES = {
    "kill": "프로세스를 죽임",
    "freeze": "프로세스를 세움(1~12초)",
    "freeze_long": "프로세스를 세움(100초)",
    "cable": "호스트의 선을 뽑음",
    "db_delay": "DB 길: 늦음",
    "db_stall": "DB 길: 멎음",
    "db_hole": "DB 길: 반쯤 열림",
    "db_cut": "DB 길: 끊김",
    "db_lossy": "DB 길: 이따금 끊김",
    "db_lose": "DB 길: COMMIT의 답을 잃음",
    "vendor_delay": "텔레그램 길: 늦음",
    "vendor_stall": "텔레그램 길: 멎음",
    "vendor_hole": "텔레그램 길: 반쯤 열림",
    "vendor_cut": "텔레그램 길: 끊김",
    "vendor_lossy": "텔레그램 길: 이따금 끊김",
    "vendor_ill": "텔레그램의 탈(429, 500, 502, 잃은 답)",
    "server_power": "DB 서버를 죽임",
    "server_cable": "DB 서버의 선을 뽑음",
    "server_lines": "DB 서버가 모든 연결을 끝냄",
}
