"""Issues of the news, as every channel is given them in the tests."""

from bot.dialogs.replies import News, Option, Part, Phrase, Picture

PAGE = "https://gaon.example/news/2026-11"


def options(number: str = "2026-11", page: str = PAGE) -> tuple[Option, ...]:
    return (
        Option(Phrase("news.button.page"), url=page),
        Option(Phrase("news.button.stop"), command="news_stop", arg=number),
    )


def monthly() -> News:
    """An issue with one picture that belongs to a part."""
    return News(
        number="2026-11",
        text="월간 적극행정 2026년 11월호",
        lead="새 사례 두 건과 지난달 숫자를 모았습니다.",
        parts=(
            Part(
                "공유 주차장으로 *골목* 주차난을 풀다",
                "밤에 비는 학교 주차장을 열었습니다.\n주차 시비가 40건에서 6건으로 줄었습니다.",
                "https://gaon.example/cases/gaon-2026-3",
            ),
            Part("지난달 숫자", "신고 31건 가운데 28건을 기한 안에 답했습니다.", picture=0),
            Part("옥외 영업 지침", "지침이 바뀌었습니다.", "https://www.law.go.kr/옥외?a=1&b=2"),
            Part("다가오는 날", "12월 1일 우수 공무원 추천 마감"),
        ),
        pictures=(Picture("news:2026-11:0", "막대그래프: 9월 25건, 10월 28건, 11월 31건"),),
        page=PAGE,
        options=options(),
    )


def cards(count: int = 5) -> News:
    """Card news: pictures, and hardly a word."""
    names = ("표지", "문제", "한 일", "효과", "출처")
    page = "https://gaon.example/news/c-12"
    return News(
        number="c-12",
        text="카드뉴스: 공유 주차장",
        pictures=tuple(
            Picture(f"news:c-12:{n}", f"{names[n % 5]}. 밤에 비는 학교 주차장을 열었습니다.")
            for n in range(count)
        ),
        page=page,
        options=options("c-12", page),
    )


def hostile(text: str) -> News:
    """The same words in every place that takes words."""
    return News(
        number="2026-11",
        text=text,
        lead=text,
        parts=(
            Part(text, text, "https://gaon.example/cases/x"),
            Part(text, text, "https://evil.example/?a=|b>c"),
            Part("", text, f"http://[{text[:20]}"),
        ),
        pictures=(Picture("news:2026-11:0", text), Picture("news:2026-11:1", text)),
        page=PAGE,
        options=(*options(), Option(text, command="news_stop", arg="2026-11")),
    )
