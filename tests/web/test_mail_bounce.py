"""What comes back is told apart by its form, never by the sentences of a stranger's server."""

from email.message import EmailMessage, Message
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest

from bot.handlers.mail_bounce import MOST, Returned, read

BOX = "bounce@gaon.example"
TOKEN = "aaaaaaaaaaasxk6m2c4t7v2o3w5q6n7p2r4e"
OURS = f"bounce+{TOKEN}@gaon.example"


def group(**fields: str) -> Message:
    made = Message()
    for name, value in fields.items():
        made[name.replace("_", "-")] = value
    return made


def report(kind: str, *groups: Message, to: str = OURS, original: Message | None = None) -> bytes:
    """Write a report as a mail server does."""
    letter = MIMEMultipart("report", report_type=kind.removesuffix("-report"))
    letter["From"] = "MAILER-DAEMON@mx.example.com"
    letter["To"] = to
    letter["Subject"] = "Undelivered Mail Returned to Sender"
    letter["Auto-Submitted"] = "auto-replied"
    letter.attach(MIMEText("This is the mail system at host mx.example.com."))
    part = Message()
    part["Content-Type"] = f"message/{kind}"
    part.set_payload(list(groups) if kind == "delivery-status" else [groups[0]])
    letter.attach(part)
    if original is not None:
        letter.attach(MIMEMessage(original))
    return letter.as_bytes()


def status(to: str = OURS, original: Message | None = None, **fields: str) -> bytes:
    server = group(Reporting_MTA="dns; mx.example.com", X_Postfix_Queue_ID="4711")
    reader = group(Final_Recipient="rfc822; hong@example.com", **fields)
    return report("delivery-status", server, reader, to=to, original=original)


def sent() -> Message:
    """Give the head of what was sent, as a report returns it."""
    return group(
        Return_Path=f"<{OURS}>", From="talk@gaon.example", To="hong@example.com", Subject="11월"
    )


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"Action": "failed", "Status": "5.1.1"}, "hard"),
        ({"Action": "failed", "Status": "5.0.0"}, "hard"),
        ({"Action": "Failed", "Status": "5.1.10 (no such user)"}, "hard"),
        ({"Action": "failed", "Status": "5.2.1"}, "hard"),
        ({"Action": "failed", "Status": "5.2.2"}, "soft"),
        ({"Action": "failed", "Status": "5.7.1"}, "soft"),
        ({"Action": "failed", "Status": "5.4.4"}, "soft"),
        ({"Action": "failed", "Status": "4.4.7"}, "soft"),
        ({"Action": "failed", "Diagnostic-Code": "smtp; 550 5.1.1 <hong> unknown"}, "hard"),
        ({"Action": "failed", "Diagnostic-Code": "smtp; 550 no such user here"}, "hard"),
        ({"Action": "failed", "Diagnostic-Code": "smtp; 552 quota"}, "soft"),
        ({"Action": "failed"}, "soft"),
        (
            {"Action": "failed", "Status": "5.0.0", "Diagnostic-Code": "smtp; 554 no thanks"},
            "soft",
        ),
        (
            {"Action": "failed", "Status": "5.0.0", "Diagnostic-Code": "smtp; 550 #5.1.0 who?"},
            "hard",
        ),
        ({"Action": "failed", "Diagnostic-Code": "smtp; 451 from 203.5.1.1: later"}, "soft"),
        ({"Action": "delayed", "Status": "4.4.1"}, "none"),
        ({"Action": "delivered", "Status": "2.0.0"}, "none"),
        ({"Action": "relayed", "Status": "2.0.0"}, "none"),
    ],
)
def test_a_report_of_a_server_says_whether_it_has_given_up(fields, kind):
    raw = status(**{name.replace("-", "_"): value for name, value in fields.items()})
    assert read(raw, BOX) == Returned(kind, TOKEN if kind != "none" else "")


def test_a_report_that_says_of_nobody_what_was_done_is_not_understood():
    assert read(status(), BOX) is None


def test_of_several_recipients_the_worst_counts():
    server = group(Reporting_MTA="dns; mx")
    both = [group(Action="failed", Status="4.2.2"), group(Action="failed", Status="5.1.1")]
    assert read(report("delivery-status", server, *both), BOX) == Returned("hard", TOKEN)


@pytest.mark.parametrize("name", ["Delivered-To", "X-Original-To", "Envelope-To", "To"])
def test_the_reader_is_known_by_the_mailbox_it_came_to(name):
    raw = status("postmaster@gaon.example", Action="failed", Status="5.1.1")
    raw = f"{name}: {OURS.upper()}\n".encode() + raw
    assert read(raw, BOX) == Returned("hard", TOKEN)


def test_the_mail_server_may_name_the_mailbox_itself():
    raw = status("postmaster@gaon.example", Action="failed", Status="5.1.1")
    assert read(raw, BOX) is None
    assert read(raw, BOX, OURS) == Returned("hard", TOKEN)


def test_the_head_that_comes_back_names_the_reader_as_well():
    raw = status("bounce@gaon.example", sent(), Action="failed", Status="5.1.1")
    assert read(raw, BOX) == Returned("hard", TOKEN)
    head = MIMEText(f"Return-Path: <{OURS}>\nSubject: x\n", "rfc822-headers")
    made = MIMEMultipart("report", report_type="delivery-status")
    made.attach(MIMEText("x"))
    part = Message()
    part["Content-Type"] = "message/delivery-status"
    part.set_payload([group(Action="failed", Status="5.1.1")])
    made.attach(part)
    made.attach(head)
    assert read(made.as_bytes(), BOX) == Returned("hard", TOKEN)


@pytest.mark.parametrize(
    ("kind", "means"),
    [("abuse", "stop"), ("opt-out", "stop"), ("fraud", "stop"), ("not-spam", "none")],
)
def test_a_complaint_is_a_wish_to_get_no_more(kind, means):
    said = group(Feedback_Type=kind, User_Agent="SomeGenerator/1.0", Version="1")
    raw = report("feedback-report", said, to="abuse@gaon.example", original=sent())
    assert read(raw, BOX) == Returned(means, TOKEN if means == "stop" else "")


def letter(**fields: str) -> bytes:
    made = EmailMessage()
    for name, value in fields.items():
        made[name.replace("_", "-")] = value
    made.set_content("안녕하세요. 지금은 휴가예요.")
    return made.as_bytes()


def test_who_writes_unsubscribe_is_heard():
    assert read(letter(To=OURS, Subject="unsubscribe"), BOX) == Returned("stop", TOKEN)
    assert read(letter(To=OURS, Subject="Unsubscribe"), BOX) == Returned("stop", TOKEN)
    assert read(letter(To=OURS, Subject="Re: unsubscribe?"), BOX) is None
    assert read(letter(To="a@b.kr", Subject="unsubscribe"), BOX) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"Auto-Submitted": "auto-replied"},
        {"Auto-Submitted": "auto-generated; x"},
        {"X-Autoreply": "yes"},
    ],
)
def test_an_answer_by_a_machine_is_nothing(fields):
    named = {name.replace("-", "_"): value for name, value in fields.items()}
    assert read(letter(To=OURS, Subject="휴가 중", **named), BOX) == Returned("none")


def test_what_a_person_wrote_is_left_for_a_person():
    assert read(letter(To=OURS, Subject="질문 있어요"), BOX) is None
    assert read(letter(To=OURS, Subject="x", Auto_Submitted="no"), BOX) is None


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\xfe",
        b"Content-Type: multipart/report; boundary=\r\n\r\n--\r\n",
        b"Content-Type: multipart/report; boundary=a\r\n\r\n--a\r\nContent-Type: message/delivery-status\r\n\r\n\xff\xff",
        b"Content-Type: message/delivery-status\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n",
        b"Subject: =?utf-8?q?=ff?=\r\nTo: =?x?b?!!?=\r\n\r\n",
        b"To: bounce+@gaon.example\r\nSubject: unsubscribe\r\n\r\n",
        b"To: xbounce+" + TOKEN.encode() + b"@gaon.example\r\nSubject: unsubscribe\r\n\r\n",
        b"To: bounce+" + TOKEN.encode() + b"@gaon.example.evil\r\nSubject: unsubscribe\r\n\r\n",
        b"To: " + OURS.encode() + b"\r\nSubject: unsubscribe\r\n\r\n" + b"x" * MOST,
        b"".join(
            b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
            for n in range(500)
        ),
    ],
)
def test_what_cannot_be_understood_is_nothing_and_breaks_nothing(raw):
    assert read(raw, BOX) is None
