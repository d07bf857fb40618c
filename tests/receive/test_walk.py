from tests.receive.conftest import Somebody


def test_a_named_report_by_clicks(web: Somebody) -> None:
    web.commands("start")
    print(web.text)
    web.report()
    print(web.text)
    web.press("안내를 보았고")
    print(web.text)
