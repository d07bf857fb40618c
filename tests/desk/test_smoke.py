def test_the_main_pages_open(room, office):
    filed = office.file()
    kim = room.seat("kim")
    page = kim.get("/filings")
    assert filed.number in page.text
    page = kim.open(filed.number)
    assert "담당 정하기" in page.text
    answer = kim.move(filed.number, "assign", handler=str(office.people["park"].user_id), unit="road")
    assert answer.status_code == 303, answer.text
    park = room.seat("park")
    park.open(filed.number)
    answer = park.move(filed.number, "start")
    assert answer.status_code == 303, answer.text
    for path in ("/tasks", f"/filings/{filed.number}/reporter", f"/filings/{filed.number}/print"):
        park.get(path)
    han = room.seat("han")
    for path in ("/admin/users", "/admin/users/add", "/admin/users/1", "/admin/units", "/admin/units/road", "/admin/units/add", "/admin/days"):
        han.get(path)

