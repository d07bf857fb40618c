"""내 정보에 대한 요청: to see, correct, stop or delete (개인정보 보호법 제35조~제37조)."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from bot.dialogs.contacts import Address, Email, Phone
from bot.dialogs.fields import Choice, LongText, Notice, Text
from bot.dialogs.form import Form, Is


class PersonalData(BaseModel):
    """The answers, as they are filed. Somebody without a name cannot be given anybody's data."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ask: Literal["see", "correct", "stop", "erase"]
    what: str
    name: str
    reply_by: Literal["email", "post", "phone"]
    email: str | None = None
    phone: str | None = None
    address: str | None = None


FORM = Form(
    "personal_data",
    1,
    PersonalData,
    steps=(
        Notice("intro"),
        Choice("ask", ("see", "correct", "stop", "erase")),
        LongText("what", 2000, personal=True),
        Text("name", 60, veil=True, group="person", personal=True),
        Choice("reply_by", ("email", "post", "phone"), group="person"),
        Email("email", when=Is("reply_by", ("email",)), group="person", personal=True),
        Phone("phone", when=Is("reply_by", ("phone",)), group="person", personal=True),
        Address("address", when=Is("reply_by", ("post",)), group="person", personal=True),
    ),
)
