"""Words that are commands wherever they are typed alone."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from bot.dialogs.events import Command
from knowledge.korean import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

OWN = frozenset({"back", "stop", "skip", "later", "continue", "new"})
"""What an open form does itself; everything else is given back to the receiver."""

_HERE = {
    "done": "다썼어 다썼어요 다썼습니다 다적었어요 다했어요 다보냈어요 끝 끝이에요 이상입니다 이게다예요 done",
    "none": "없어 없어요 없음 없습니다 없는데요 몰라 몰라요 모르겠어 모르겠어요 모름 잘모르겠어요 none",
}
HERE = {fold(word): name for name, words in _HERE.items() for word in words.split()}
"""Words that end a question, where that can be: a story, an optional answer."""

_WORDS = {
    "start": "처음으로 처음 시작 홈 메뉴 start menu home",
    "my": "내신고 내민원 my myreports",
    "help": "도움 도움말 help",
    "stop": "그만 그만두기 그만할래 그만할게요 취소 stop cancel",
    "back": "뒤로 이전 이전으로 뒤로가기 앞으로돌아가기 back",
    "skip": "건너뛰기 건너뛸게요 넘어가기 넘어갈게요 패스 skip",
    "later": "나중에 나중에할게요 나중에낼게요 나중에내기 later",
    "continue": "이어서 이어서쓰기 계속 계속쓰기 continue",
    "switch": "돌아가기 돌아갈게요 쓰던것으로돌아가기 goback",
    "new": "새로쓰기 새로쓸게요",
    "revoke": "동의철회 동의철회할게요 revoke",
    "mydata": "내정보 내정보보기 mydata",
    "cases": "사례 사례찾기 사례검색 우수사례 적극행정사례 cases findcases",
    "news": "소식 소식받기 소식신청 소식받을래요 news newsletter",
    "news_stop": "소식그만 소식그만받기 소식끊기 그만받기 수신거부 unsubscribe",
    "web": "누리집 누리집에서쓰기 누리집에서쓸게요 website",
    "call_back": "전화부탁 전화부탁하기 전화부탁해요 전화부탁드려요 callback callmeback",
    "human": "상담원 상담원연결 직원연결 사람연결 전화연결 human",
}
COMMANDS = {fold(word): name for name, words in _WORDS.items() for word in words.split()}


NONE: Mapping[str, str] = MappingProxyType({})


def command_of(text: str, opens: Mapping[str, str] = NONE) -> Command | None:
    """Read words that are nothing but a command; `/name arg` is always one.

    `opens` are the words, folded, by which people call the procedures, and their commands.
    """
    said = text.strip()
    if said.startswith("/") and len(said) > 1 and said[1].isascii() and said[1].isalpha():
        name, _, arg = said[1:].partition(" ")
        return Command(name.split("@")[0].lower(), arg.strip())
    word = "" if len(said) > 20 else fold(said)
    name = COMMANDS.get(word) or opens.get(word, "")
    return Command(name) if name else None
