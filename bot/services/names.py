"""The closed sets of guards and effects that a procedure file may name; anything else stops.

Guards ask before a move, effects do more than change the state and turn the clock (those two,
the outcome and the notices are read off the move itself).
"""

GUARDS = {
    "handler": "소속·성명·연락처를 모두 가진 담당이 있다(민원처리법 시행령 제31조)",
    "assigned": "담당이 정해져 있다",
    "named": "이름을 밝힌 신고다",
    "anonymous": "이름 없는 신고다",
    "doc_no": "문서번호가 있다(기관이 정한 때)",
    "english": "외국어 신고의 답에 짧은 영문 요약이 있다",
    "share_name": "시민이 이름과 함께 보내도 된다고 했다",
    "share_content": "이름 없이 내용을 보내도 된다",
    "share_ask": "아직 물어보지 않았고 물어봐 달라고 했다",
    "own_words": "신고 글과 다섯 낱말이 이어서 겹치지 않거나, 보고 확인했다",
    "in_time": "기한이 지나지 않았다",
    "limit": "늘리는 길이와 횟수가 규칙 안이다",
    "expired": "상대에게 준 기한이 지났다",
    "told_twice": "앞서 두 번 알렸다(민원처리법 제23조)",
}

EFFECTS = {
    "receive": "접수 시각과 기한을 정한다",
    "assign": "담당을 정하고 회피 대상을 확인한다",
    "ask": "상대에게 기한을 준다(보완, 이관 여쭘, 동의)",
    "extend": "기한을 늘린다",
    "share": "시민의 선택을 적는다",
    "fact_request": "부서에 사실 확인을 요청한다",
    "fact_reply": "부서의 답을 적는다",
    "danger": "신고한 사람 없이 위험을 부서에 알린다",
    "promise": "약속한 조치의 날을 적는다",
    "close": "끝낸다: 남은 기한과 알림을 거둔다",
    "pressure": "감사 부서장에게만 알린다",
    "record": "열람 기록을 준다",
    "reply": "시민의 글이나 자료를 붙인다",
    "kind": "유형을 적는다",
}
