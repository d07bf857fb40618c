"""Writes docs/rights.md from the table of rights: `python -m bot.cli.rights`."""

from collections.abc import Iterator

from bot.locale import Texts
from bot.services.base import ROLES
from bot.services.rights import GRAVE, RIGHTS, Right, Scope

MADE = (
    "이 쪽은 `python -m bot.cli.rights > docs/rights.md`가 `bot/services/rights.py`의 표에서 "
    "만듭니다. 손으로 고치지 않습니다."
)
HOW = (
    "화면은 권리를 하나 이상 말하고, 그 권리가 없는 사람에게는 없는 화면과 똑같이 답합니다. "
    "어느 신고까지인지는 이 표의 범위와 `bot/services/sight.py`의 질의가 함께 정합니다. "
    "이해관계 차단은 언제나 이 표보다 먼저입니다."
)
ALONE = (
    ". 관리자가 까닭을 적어 요청하고, 요청한 사람도 대상도 아닌 다른 관리자나 감사 부서장이 승인합니다"
    "(사번이 다르고, 요청한 사람이 만들거나 다시 설정하지 않은 계정)."
)

APART = (
    "관리자는 소식 편집자 말고 다른 역할을, 점검자는 다른 어떤 역할도 함께 가질 수 없습니다. "
    "사람을 들이는 사람은 내용을 보지 않고, 지켜보는 사람은 처리하지 않습니다."
)


def page(texts: Texts) -> str:
    """Give every right with how far it goes for every role, as Markdown."""
    roles = [texts.raw(f"desk.role.{role}") for role in ROLES]
    head = [
        "# 누가 무엇을 할 수 있는가",
        "",
        MADE,
        "",
        HOW,
        "",
        *[
            f"* **{texts.raw(f'right.scope.{one}')}**: {texts.raw(f'right.means.{one}')}"
            for one in Scope
        ],
        "",
        "|  | " + " | ".join(roles) + " |",
        "|---|" + "---|" * len(roles),
        *_rows(texts),
        "",
        "## 한 사람이 줄 수 없는 역할",
        "",
        ", ".join(texts.raw(f"desk.role.{role}") for role in ROLES if role in GRAVE) + ALONE,
        "",
        "## 함께 가질 수 없는 역할",
        "",
        APART,
    ]
    return "\n".join(head) + "\n"


def _rows(texts: Texts) -> Iterator[str]:
    for right in Right:
        scopes = [RIGHTS[role][right] for role in ROLES]
        cells = ["" if one is Scope.NONE else texts.raw(f"right.scope.{one}") for one in scopes]
        yield f"| {texts.raw(f'right.{right}')} | " + " | ".join(cells) + " |"


if __name__ == "__main__":
    print(page(Texts.load()), end="")
