"""When it happened, since when, how long: words of time, and not those of days to come."""

from __future__ import annotations

import re

_NUMBER = r"(?:\d{1,3}|한두|두세|서너|너덧|한|두|세|네|석|넉|다섯|여섯|일곱|여덟|아홉|열한|열두|열|몇|수)"
_YEAR = r"(?:20\d\d ?년|지지난해|지난해|재작년|작년|올해|지난|올)"
_SEASON = r"(?:봄|여름|가을|겨울)"
_PART = r"(?: ?(?:초순|중순|하순|초|말|무렵|경|쯤))?"
_SINCE = r"(?: ?(?:부터|이후))?"
_DATE = (
    rf"(?:{_YEAR} ?)?\d{{1,2}}월(?: ?\d{{1,2}}일)?{_PART}{_SINCE}(?!\d)"
    r"|20\d\d ?[./-] ?\d{1,2} ?[./-] ?\d{1,2}\.?(?:부터)?(?!\d)"
    r"|(?<![\d./-])\d{1,2}/\d{1,2}(?:부터)?(?![\d/])"
    rf"|(?<![\d월 ])(?<!월 )\d{{1,2}}일(?=에 |날|부터){_SINCE}"
)
_RELATIVE = (
    rf"(?:지난해|재작년|작년|올해|지난|올) ?{_SEASON}{_PART}{_SINCE}"
    rf"|(?:지지난|지난|저번|이번) ?(?:주|달|학기|설|추석|명절|장마)(?!고|가 |년|도로)(?: ?[월화수목금토일]요일)?{_PART}{_SINCE}"
    rf"|(?:지난|저번|이번) ?[월화수목금토일]요일{_SINCE}"
    rf"|(?:20\d\d ?년|지지난해|지난해|재작년|작년){_PART}{_SINCE}"
    rf"|올해{_PART}(?:부터)"
    rf"|(?:그저께|그제|엊그제|어제|그끄저께)(?:부터)?"
    r"|오늘(?: ?(?:아침|새벽|오전|오후|낮))?(?:부터)?(?!도|이라도|날|까지|내일)"
    r"|(?<![가-힣])[월화수목금토일]요일부터"
)
_SPAN = rf"(?:{_NUMBER} ?(?:년|해|개월|달|주일|주|일)|반년|일주일|보름|열흘|하루|이틀|사흘|나흘|닷새|며칠)"
_LASTING = (
    rf"{_SPAN} ?(?:전부터|전(?=에|쯤|부터|인|만|이|[ ,.]|$)|째|동안|내내|넘게|가까이|이상)"
    rf"|{_NUMBER} ?(?:년|개월)간"
    rf"|{_SPAN}(?=(?:이|가)? ?(?:다 )?(?:지났|지나도|지나서|지난 |흘렀|되도록|넘도록|넘었|넘게|됐는데|됐어|됐습|되었|다 돼|다 되|걸렸))"
)
_TIME = re.compile(f"{_LASTING}|{_DATE}|{_RELATIVE}")

_TO_COME_BEFORE = re.compile(
    r"(?:내년|다음|오는|앞으로|내후년|매년|매달|해마다|왕복|하루에|유효기간|기한)[^,.!?\n]{0,6}$"
)
_TO_COME = re.compile(
    r"^(?:까지|이내|안에| ?뒤| ?후|에 ?보자|이면|에는? ?(?:끝|해 ?준|오라|온다|준다)|치|에 \d| ?지나고)"
    r"|^(?:에|쯤|경|이나)? ?[^,.!?\n]{0,8}(?:할 ?때|한다고|하겠다|예정|준다고|오라고|온다는|보자|끝나야|해 ?주겠다|된다고)"
)
_BOUND = re.compile(r"(?:부터|째|전|동안|간|내내|넘게|이후)$")


def find(text: str) -> tuple[str, ...]:
    """Give the spans of time as they are written, in their order, each once."""
    found = []
    for hit in _TIME.finditer(text):
        span = hit[0].strip()
        if _to_come(text, hit.start(), hit.end(), span):
            continue
        found.append(span)
    return tuple(dict.fromkeys(found))


def _to_come(text: str, start: int, end: int, span: str) -> bool:
    """Tell a day to come, or a span that no rule counts from, from what has happened."""
    if _TO_COME_BEFORE.search(text[max(0, start - 12) : start]):
        return True
    return not _BOUND.search(span) and bool(_TO_COME.match(text[end : end + 24]))
