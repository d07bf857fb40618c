"""What may save a life is seen in many words, and not in those that only sound like it."""

import pytest

from knowledge.slots import signals

DESPAIR = """
죽고 싶어요
그냥 죽어버릴까 해요
자살하고 싶습니다
차라리 없어지는 게 낫겠어요
내가 없어져야 끝나나 봐요
더는 살고 싶지 않아요
이제 그만 살까 봐요
살기 싫어요
살기시러
다 끝내고 싶어요
유서 써 놨어요
유서를 남겼습니다
한강 다리 위에 있어요
지금 옥상에 올라와 있어요
난간에 서 있어요
약을 한꺼번에 먹었어요
약을 모아 뒀습니다
손목을 그었어요
번개탄 샀어요
자해했어요
뛰어내릴 거예요
잠들면 안 깨어났으면 좋겠어요
요즘 나쁜 생각이 자꾸 들어요
살아서 뭐 하나 싶네요
죽는 게 낫겠다
세상을 떠나고 싶어요
구청 앞에서 분신하겠습니다
아이랑 같이 죽으려고요
I want to die
""".strip().splitlines()

DANGER = """
칼 들고 있어요
칼을 들고 서 있어요
지금 누가 저를 때리고 있어요
남편이 때려요
살려 주세요
제발 살려줘
누가 문을 부수고 들어오려고 해요
불이 났어요
엘리베이터에 갇혔어요
사람이 쓰러졌어요
가스 냄새가 나요
누가 쫓아와요
아버지가 의식이 없어요
담장이 무너질 것 같아요
휘발유 들고 간다
시청에 폭탄을 설치했다
죽여버린다
칼 들고 찾아간다
구청에 불 지를 거야
감전될 것 같아요
""".strip().splitlines()

ABUSE = """
씨발
야 이 멍청이들아
미친놈들아
개새끼들
ㅅㅂ 진짜
ㄱㅅㄲ
꺼져
입 닥치고 일해
세금도둑 놈들
등신들
쓰레기 같은 것들
가만 안 둬
두고 보자
퇴근길 조심해라
밤길 조심해
다 뒤집어엎을 거야
썩을 놈들
한심한 것들
fuck you
""".strip().splitlines()

NOTHING = """
죽겠네 정말
배고파 죽겠다
답답해 죽겠어요
더워 죽을 것 같아요
나무가 다 죽었어요
가로수가 죽어 가요
신고를 끝내고 싶어요
지연 사유서를 받았어요
청구 이유서를 냈어요
투자해서 손해가 났어요
혼자 해도 되나요
그거 해결됐으니 거둘게요
인자 해결됐어요
아버지가 세상을 떠나셔서 명의를 바꾸려고요
이 동네에서 살기 싫어요
마감 전에 알려 주세요
마감 전날 알려 주시나요
취하한 신고 다시 살려 주세요
골목 상권 살려 주세요
자재가 비를 맞고 있어요
제 말이 맞고 있는지 봐 주세요
전염병 때문에 문을 닫았어요
감염병 예방 조치가 늦어요
시발점이 어디예요
가로등이 꺼져서 어두워요
하수구에 쓰레기가 쌓였어요
위기가 닥쳐도 안 움직여요
두고 보자고만 하고 안 해 줘요
서류를 뒤져서 찾았어요
고양이 새끼가 있어요
번개 같은 처리 부탁해요
규정에 갇혀서 안 된대요
옥상에 있는 간판이 낡았어요
다리 위에 있는 조명이 나갔어요
약을 받으러 보건소에 갔어요
신고한 게 사라졌어요
불법 주차가 없어지면 좋겠어요
요청을 드렸는데 답이 없어요
법의 틀에 갇혔어요
칼같이 거절하네요
칼퇴근하셨나 봐요
아이디어가 죽여주네요
가등기 신청하신 분
""".strip().splitlines()

CORRUPTION = """
담당자가 업자한테 뇌물을 받았대요
봉투를 챙기고 허가를 내줬어요
공금을 유용한 것 같아요
채용 비리 제보합니다
돈 먹고 눈감아 줬어요
상품권을 받았다고 해요
""".strip().splitlines()


@pytest.mark.parametrize("text", DESPAIR)
def test_despair_is_seen(text: str) -> None:
    assert "self_harm" in signals(text)


@pytest.mark.parametrize("text", DANGER)
def test_danger_is_seen(text: str) -> None:
    assert "danger" in signals(text)


@pytest.mark.parametrize("text", ABUSE)
def test_abuse_is_seen(text: str) -> None:
    assert "abuse" in signals(text)


@pytest.mark.parametrize("text", CORRUPTION)
def test_corruption_is_seen(text: str) -> None:
    assert "corruption" in signals(text)


@pytest.mark.parametrize("text", NOTHING)
def test_what_only_sounds_like_it_is_let_be(text: str) -> None:
    assert signals(text) & {"self_harm", "danger", "abuse", "corruption"} == frozenset()
