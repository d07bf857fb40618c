import io

import pytest

from bot.handlers.chat.guard import WebLimits
from tests.web.calls import PNG, client, problem_of, say


def send(browser, files, **fields):
    return browser.post("/chat/files", data={"id": "f1", "lang": "ko", **fields}, files=files)


def png(name="사진.png", data=PNG):
    return ("files", (name, io.BytesIO(data), "image/png"))


def test_files_are_kept_and_told_to_the_dialog_in_one_turn():
    browser = client()
    say(browser, text="하나")
    answer = send(browser, [png(), png("둘.png", PNG + b"2")], text="사진이에요")
    assert answer.status_code == 200
    heard = browser.app_parts.talk.heard[-1].event
    assert [file.ref for file in heard.files] == ["blob1", "blob2"]
    assert heard.text == "사진이에요"


def test_the_same_upload_again_keeps_nothing_twice():
    browser = client()
    say(browser, text="하나")
    first, again = send(browser, [png()]), send(browser, [png()])
    assert first.json() == again.json()
    assert len(browser.app_parts.back.files) == 1
    problem_of(send(browser, [png(data=PNG + b"other")]), 409, "conflict")


def test_files_need_a_conversation():
    problem_of(send(client(), [png()]), 401, "unknown")


def test_a_file_of_a_wrong_kind_is_told_beside_the_question_and_the_others_are_kept():
    browser = client()
    say(browser, text="하나")
    alone = send(browser, [png("virus.png", b"MZ\x90")])
    assert alone.status_code == 200
    assert alone.json()["replies"][-1]["error"]
    both = send(browser, [png(), png("virus.png", b"MZ\x90")], id="f2")
    assert len(browser.app_parts.back.files) == 1
    assert both.status_code == 200


@pytest.mark.parametrize("fields", [{"id": ""}, {"id": "가"}, {"lang": "xx"}])
def test_an_upload_of_another_shape_is_told(fields):
    browser = client()
    say(browser, text="하나")
    problem_of(send(browser, [png()], **fields), 422, "malformed")


def test_uploads_without_files_with_too_many_or_too_large_are_told():
    browser = client(limits=WebLimits(upload_bytes=100_000, files=2))
    say(browser, text="하나")
    problem_of(browser.post("/chat/files", data={"id": "x"}), 415, "type")
    problem_of(
        browser.post("/chat/files", data={"id": "x"}, files=[("files", ("", b""))]),
        422,
        "malformed",
    )
    problem_of(send(browser, [png(), png(), png()]), 422, "too_many_files")
    problem_of(send(browser, [png() for _ in range(9)]), 422, "too_many_files")
    problem_of(send(browser, [png(data=b"\x89PNG" + b"0" * 100_001)]), 413, "too_large")
    broken = {"content-type": "multipart/form-data; boundary=x"}
    problem_of(browser.post("/chat/files", content=b"nonsense", headers=broken), 422, "malformed")
    none = {"content-type": "multipart/form-data"}
    problem_of(browser.post("/chat/files", content=b"nonsense", headers=none), 422, "malformed")


@pytest.mark.parametrize("where", ["text", "name"])
@pytest.mark.parametrize("sign", [b"+2AA-", b"+AAA-"])  # half a letter, and a NUL
def test_signs_that_no_database_keeps_are_told_even_where_a_charset_smuggles_them_in(where, sign):
    browser = client()
    say(browser, text="하나")
    text, name = (sign, b"a.png") if where == "text" else (b"a", sign + b".png")
    body = (
        b'--x\r\nContent-Disposition: form-data; name="id"\r\n\r\nf1\r\n'
        b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n' + text + b"\r\n"
        b'--x\r\nContent-Disposition: form-data; name="files"; filename="' + name + b'"\r\n'
        b"Content-Type: image/png\r\n\r\n" + PNG + b"\r\n--x--\r\n"
    )
    kind = {"content-type": "multipart/form-data; boundary=x; charset=utf-7"}
    problem_of(browser.post("/chat/files", content=body, headers=kind), 422, "malformed")
    assert browser.app_parts.back.files == []
