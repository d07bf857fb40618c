"""What is kept, how long, and what becomes of it: one table for the sweep, the docs and the tests.

개인정보 보호법 제21조: what has done its time is destroyed without delay. Filed cases are public
records (공공기록물법) and never in this list of what goes by itself. `python -m
bot.services.retention` writes the table of docs/data-protection.md.
"""

from collections.abc import Callable
from dataclasses import dataclass

from bot.settings import Site

FOREVER = "저절로 지우지 않음"
MOMENT = "그때만"


@dataclass(frozen=True, slots=True)
class Kept:
    """`what` in words, the tables that hold it, how long, and what ends it."""

    what: str
    tables: tuple[str, ...]
    how_long: Callable[[Site], str]
    then: str


def _always(text: str) -> Callable[[Site], str]:
    return lambda _site: text


TABLE: tuple[Kept, ...] = (
    Kept("쓰다 만 글과 그 파일", ("dialogs",), lambda s: f"{s.draft_days}일(`draft_days`)",
         "사흘 전에 알리고 지움"),
    Kept("어디에도 붙지 않은 파일", ("attachments",),
         lambda s: f"{s.keep.loose_files_days}일(`keep.loose_files_days`)",
         "자료 열쇠를 없애고, 디스크에서는 48시간 뒤"),
    Kept("더 쓰지 않는 연결(메신저·브라우저)과 그 동의", ("peers", "people", "consents"),
         lambda s: f"마지막 방문 뒤 {s.unused_peer_hours}시간(`unused_peer_hours`)",
         "쓰던 글·신고·동의가 남아 있지 않을 때 자료 열쇠를 없앰"),
    Kept("다시 여쭤보라고 하신 것(국민신청 길잡이)", ("filings",),
         lambda s: f"그만하라고 하실 때까지, 길어도 {s.national_application.follow_days}일"
                   "(`national_application.follow_days`)",
         "끝난 다음 날 자료 열쇠를 없앰. 쓰신 글은 처음부터 남기지 않음"),
    Kept("되풀이된 요청에 돌려줄 답", ("inbox",),
         lambda s: f"{s.keep.answers_hours}시간(`keep.answers_hours`)", "답을 지움"),
    Kept("한 번만 하려고 남긴 표시", ("inbox",),
         lambda s: f"{s.keep.commands_days}일(`keep.commands_days`)", "지움"),
    Kept("나간 알림의 글", ("outbox",), _always("나갈 때까지"), "나가면 바로 지움"),
    Kept("나간 알림의 줄(언제 어디로)", ("outbox",),
         lambda s: f"{s.keep.sent_days}일(`keep.sent_days`)", "지움. 못 나간 것은 할 일로 남음"),
    Kept("일회용 링크", ("tickets",),
         lambda s: f"끝난 뒤 {s.keep.links_days}일(`keep.links_days`)", "자료 열쇠를 없애고 지움"),
    Kept("전화 요청의 번호와 용건", ("calls",),
         lambda s: f"{s.call_keep_days}일(`call_keep_days`)", "자료 열쇠를 없앰"),
    Kept("직원의 로그인", ("sessions",), _always("8시간, 쓰지 않으면 15분"), "지움"),
    Kept("직원의 메신저 연결", ("official_links",), _always("계정·역할·연결이 끝날 때까지"),
         "바로 지움"),
    Kept("직원의 접속기록", ("accesses", "access_reviews"),
         lambda s: f"{s.access_log_years}년(`access_log_years`)",
         "지움(안전성 확보조치 기준 제8조)"),
    Kept("직원의 계정·역할·부서·대직과 두 사람의 결정", (
        "users", "user_roles", "confirmed_roles", "postings", "deputies", "stand_ins",
        "right_changes", "approvals", "units", "unit_successors", "days_off", "identities",
        "second_factors", "recovery_codes", "saved_views", "templates"),
         _always(FOREVER), "나간 사람의 계정은 닫고, 누가 무엇을 했는지 알 수 있게 남김"),
    Kept("매월 점검, 확인한 값, 기관이 더한 날짜", ("queue_checks", "confirmations", "agency_dates"),
         _always(FOREVER), "누가 언제 무엇을 보고 정했는지 알 수 있게 남김. 끝낸 날짜는 알리지 않음"),
    Kept("기관이 쓰거나 고친 사례와 답", ("cases", "faqs"), _always(FOREVER),
         "내린 것은 아무에게도 보이지 않음"),
    Kept("답하지 못한 질문과 답을 기다리는 사람", ("questions", "question_askers"),
         lambda s: f"마지막으로 물은 뒤 {s.keep.questions_days}일(`keep.questions_days`)",
         "자료 열쇠를 없애고 지움"),
    Kept("소식 받기 신청", ("subscriptions", "consents"),
         lambda s: "그만 받겠다고 하실 때까지. 확인하지 않은 전자우편은 "
         f"{s.newsletter.unconfirmed_days}일(`newsletter.unconfirmed_days`)",
         "그만 받으시면 보내지 않고, 더 쓰지 않는 연결과 함께 지움"),
    Kept("전자우편으로 소식을 신청하며 적으신 것", ("sign_ups",), _always("확인 편지를 보낼 때까지"),
         "자료 열쇠를 없애고 지움"),
    Kept("소식이 누구에게 나갔는지", ("sendings",),
         lambda s: f"보내기를 마친 뒤 {s.keep.sendings_days}일(`keep.sendings_days`)",
         "지움. 몇 분께 나갔는지의 수만 남음"),
    Kept("보낸 소식의 글과 그림, 나간 수", (
        "broadcasts", "broadcast_lines", "broadcast_failures", "broadcast_pictures",
        "picture_uploads"),
         _always(FOREVER), "누구나 보는 글이고, 받은 분은 남지 않음"),
    Kept("접수된 신고와 그에 딸린 것", (
        "filings", "events", "heads", "attachments", "deadlines", "extensions", "stops", "guards",
        "fact_requests", "tasks", "sent_keys", "external_numbers", "finders", "sketches", "crowds",
        "errands", "posted", "snoozes", "case_drafts", "relay_cases"),
         lambda s: f"종결된 다음 해부터 {s.keep.record_years}년(`keep.record_years`)"
         if s.keep.record_years else f"{FOREVER}(`keep.record_years`를 아직 정하지 않음)",
         "심의·이관 꾸러미·두 사람의 승인이 있어야 파기. 접수번호와 날짜는 남음"),
    Kept("다른 망으로 건너가는 것과 그 파일", ("relay_items", "relay_files"),
         _always("닿았다는 말이 온 뒤 48시간"),
         "자료 열쇠를 없애고 지움. 바깥 망에서는 쓰신 글과 파일도 지우고, 알릴 길만 남김"),
    Kept("심의와 보존 지정", ("disposals", "disposal_items", "holds"), _always(FOREVER), "–"),
    Kept("시계가 한 일의 표시(신고에 딸리지 않은 것)", ("runs", "sent_keys"),
         lambda s: f"{s.keep.runs_days}일(`keep.runs_days`)", "지움"),
    Kept("이력의 서명", ("roots",), _always(FOREVER), "–"),
    Kept("자료 열쇠", ("keys",), _always("주인과 함께"), "없애고, 없앴다는 줄만 남김"),
    Kept("대화가 어디에서 그쳤는지의 수, 누구나 보는 통계", ("dialog_counts", "publications"),
         _always(FOREVER), "날·서식·단계마다의 수뿐이고 누구의 것인지도 시각도 없음. 통계는 새 달의 것으로 바뀜"),
    Kept("서비스 자신의 상태", (
        "instance", "schema_revisions", "key_checks", "key_readers", "desk_keys", "leases", "rates",
        "heartbeats", "switches", "versions"),
         _always(MOMENT), "개인정보 없음"),
)  # fmt: skip


def markdown(site: Site) -> str:
    """Give the table as it stands in the documents, with the values of a site."""
    head = ["| 무엇 | 얼마나 | 그다음 |", "|---|---|---|"]
    return "\n".join(
        [*head, *(f"| {one.what} | {one.how_long(site)} | {one.then} |" for one in TABLE)]
    )


if __name__ == "__main__":
    from pathlib import Path

    from bot.settings import read_site

    print(markdown(read_site(Path("bot/rehearsal/site.toml"))))  # noqa: T201
