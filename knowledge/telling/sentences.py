"""A message in sentences: which tells what is wanted, which tell what happened."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_MARK = re.compile(r"(?<=[!?…。])\s+|(?<=[가-힣ㅋㅠㅜ)\"'”’]\.)\s+|(?<=\.\.)\s+|\n+")
_RUN_ON = re.compile(
    r"([가-힣](?:니다|[어아해여예에네래대데세군지구고]요|거든요|습니까))\s+(?=[가-힣])"
)
_LONG = 60
"""Signs of a piece without marks from which on it is taken for several sentences."""

_ASKS = re.compile(
    r"(?:주세요|주십시오|주시오|주십쇼|주세여|주시기 ?(?:를|을)? ?바랍니다|바랍니다|바라요|바라오|부탁(?:드립니다|드려요|합니다|해요|드리겠습니다)|달라는 (?:것|겁니다|말)"
    r"|(?:주시|줬으|주셨으|했으|하셨으|됐으|되었으|으|하)면 (?:고맙|감사|좋|합니)[가-힣]*|싶습니다|싶어요|싶네요|원합니다|원해요|요청(?:합니다|드립니다|해요)|촉구합니다"
    r"|주길|주시길|하십시오|줘요?|줘라|주이소|[해쳐워려]\s?주소|주셔요|해야 ?(?:합니다|해요))"
    r"(?: ?(?:제발|꼭|부디|정말|진짜)|,[^,.]{1,24})?[\s.!~ㅠㅜ^]*$"
)
_REFUSED = re.compile(r"(?:안|못) ?[가-힣 ]{0,10}줘요?[\s.!~ㅠㅜ^]*$")
"""They do not mend it, which is no wish."""
_CALL = re.compile(
    r"(?:전화|연락|문자|휴대폰|핸드폰|번호|메일|회신).{0,30}(?:주세요|주십시오|주시오|주시면|주소|바랍니다|부탁|걸어|남겨|하세요|하십시오)"
)
_DIGITS = re.compile(r"\d{3,4}[-–. ]?\d{4}")
_GREETS = re.compile(
    r"^(?:안녕|수고|고생|반갑|감사합니다|고맙습니다|죄송|미안|글이 길|길어서|두서없|급합니다$|여보세요|저기요)"
    r"|(?:사람(?:입니다|이에요|이올시다|인데요)|엄마입니다|아빠입니다|주민입니다|시민입니다|입주민입니다|학생입니다|자영업자입니다|드립니다|적습니다|씁니다|올립니다|문의드려요|신고합니다)[\s.!]*$"
)
_RHETORIC = re.compile(
    r"(?:\?|습니까|ㅂ니까|까|까요|나요|냐고요|냐|겠네|답답합니다|화가 납니다|화나요|어이없네요|너무합니다|너무해요|억울합니다|속상합니다|기가 막힙니다|이게)[\s.!?ㅠㅜ]*$"
)
_TOLD = re.compile(
    r"[았었였했갔왔됐렸졌겼났셨랐뒀췄꼈웠켰쳤썼뺐냈봤섰컸샀찼줬녔혔뗐랬댔](?:다|어|습|는|지|고|던|더니|대|답|음|소|네|으|을|거|죠|구|군)"
    r"|(?:안|못) |않|없|째|대요|래요|답니다|랍니다|합디다|하더|한다고|라고만|하라고|다고|라는|하래|계속|그대로|있습니다|있어요|있음|있네|자네요|습니다|예요|에요|이에요|해요|와요|가요|나요$|려요|져요|여요|다니|소\.?$"
)
_ASIDE = re.compile(
    r"^(?:저는|저도|제|나는|나이|집은|제 차는|통장|이름은|성함은|신고번호|접수번호|번호는)[^,]{0,30}(?:입니다|이에요|예요|이고요|적습니다)[\s.]*$"
    r"|^(?:정기권|요금|월세|가격|왕복|한 번 갈)[^,]{0,24}(?:원|킬로|시간)입니다[\s.]*$"
    r"|^(?:내년|다음|앞으로)[^,]{0,30}(?:합니다|해요|됩니다)[\s.]*$|것(?:은|이) 아니(?:라|고)|뿐입니다|뿐이(?:고|에요)"
)


def split(text: str) -> tuple[str, ...]:
    """Take a message apart; a long piece without marks also at its verbs' ends."""
    found: list[str] = []
    for piece in _MARK.split(text):
        whole = piece.strip()
        if len(whole) > _LONG:
            found += [part.strip() for part in _RUN_ON.sub(r"\1\n", whole).split("\n")]
        else:
            found.append(whole)
    return tuple(part for part in found if part)


def wish(parts: Sequence[str]) -> str | None:
    """Give the sentence that says what is wanted, the last of several."""
    asks = [part for part in parts if _asks(part)]
    wanted = [part for part in asks if not (_CALL.search(part) and _DIGITS.search(part))]
    return wanted[-1] if wanted else None


def _asks(part: str) -> bool:
    return bool(_ASKS.search(part)) and not _REFUSED.search(part)


def what(parts: Sequence[str], wished: str | None) -> tuple[str, ...]:
    """Give the sentences that tell what happened, in their order."""
    return tuple(part for part in parts if part != wished and _happened(part))


def _happened(part: str) -> bool:
    if _GREETS.search(part) or _ASIDE.search(part) or _RHETORIC.search(part):
        return False
    if _asks(part) or (_DIGITS.search(part) and _CALL.search(part)):
        return False
    return bool(_TOLD.search(part))
