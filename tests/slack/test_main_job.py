"""The main job with the officials in Slack, at both levels, as the texts in `told/` say it."""

from pathlib import Path

import pytest

from tests.fakes.slack import FakeSlack
from tests.slack.main_job import job, lines_of

TOLD = sorted((Path(__file__).parent / "told").glob("*.md"))


@pytest.mark.parametrize("path", TOLD, ids=[path.stem for path in TOLD])
async def test_the_main_job(path: Path, fake: FakeSlack, tmp_path: Path) -> None:
    level, lines = lines_of(path, tmp_path)
    async with job(tmp_path, fake, level) as going:
        for line in lines:
            try:
                await going.step(line)
            except AssertionError as error:
                pytest.fail(f"{path.name}:{line.number}: {error}", pytrace=False)
    assert fake.pings == []
    if level == "numbers":
        told = str([(call.method, call.params) for call in fake.calls])
        wrote = [one.text for one in lines if getattr(one, "kind", "") == "say"]
        wrote += [
            value
            for one in lines
            for name, value in getattr(one, "fields", ())
            if "apply" in one.text and len(value) > len("one")
        ]
        assert wrote
        assert [one for one in wrote if one in told] == []
