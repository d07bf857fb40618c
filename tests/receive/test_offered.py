"""What can be begun here is what the procedure files say, and what the agency has switched on."""

from collections.abc import Callable

import pytest

from bot.locale import Texts
from bot.settings import Site
from knowledge.procedures import When
from storage.store import Store
from tests.fakes.city import City, Clock, Somebody

WAY = "일을 미뤄서"


def offered(web: Somebody) -> list[str]:
    web.commands("start")
    return web.buttons


def test_the_first_screen_offers_what_the_files_say(web: Somebody, city: City) -> None:
    city.rules("personal_data", menu=1)
    city.rules("passive_report", menu=3)
    menu = [one.id for one in city.svc.menu()]
    assert menu == ["personal_data", "national_application", "passive_report"]
    city.rules("personal_data", menu=0)
    assert any(WAY in label for label in offered(web))
    city.rules("passive_report", menu=0)
    assert not any(WAY in label for label in offered(web))


@pytest.mark.parametrize("change", [{"by": ("official",)}, {"needs": "epeople_down"}])
def test_what_a_citizen_may_not_begin_here_is_neither_shown_nor_opened(
    web: Somebody, city: City, change: dict[str, object]
) -> None:
    city.rules("passive_report", **change)
    assert not any(WAY in label for label in offered(web))
    web.commands("help")
    assert WAY not in web.text
    web.types("신고")
    assert "어떤 일을 도와 드릴까요" in web.text
    web.commands("start", "report")
    assert "어떤 일을 도와 드릴까요" in web.text


def test_what_the_agency_has_switched_on_is_offered(
    changed: Callable[..., City],
) -> None:
    city = changed(epeople_down=True)
    city.rules("passive_report", needs="epeople_down")
    web = city.person("web")
    assert any(WAY in label for label in offered(web))
    web.types("신고")
    assert "일을 미루거나" in web.text


def test_help_names_the_word_for_each_procedure(web: Somebody) -> None:
    web.commands("help")
    assert f"· '신고': {WAY}" in web.text


def test_a_link_opens_a_procedure_by_its_command(web: Somebody) -> None:
    web.commands("start", "report")
    assert "일을 미루거나" in web.text


def test_nothing_is_kept_of_a_form_that_is_of_use_without(
    store: Store, clock: Clock, site: Site, texts: Texts
) -> None:
    words = {
        lang: {key: texts.raw(key, lang) for key in texts.keys(lang)}
        | {"passive_report.not_filed": "여기에는 남기지 않았어요."}
        for lang in texts.languages
    }
    city = City(store, clock, site, Texts(words, strict=True))
    city.rules("passive_report", only=When("who", ("named",)))
    web = city.person("web")
    web.report(named=False)
    web.press("이대로 내기")
    assert "여기에는 남기지 않았어요." in web.text
    web.commands("my")
    assert "아직" in web.text
