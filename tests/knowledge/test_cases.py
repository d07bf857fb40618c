"""The cases that come with the service."""

from knowledge import cases


def test_every_shipped_case_is_whole():
    for ref, case in cases.shipped().items():
        assert case.title, ref
        assert case.agency, ref
        assert case.kind in cases.KINDS, ref
        assert case.detail in cases.DETAILS, ref
        assert case.status in cases.STATUSES, ref
        assert case.source, ref
        assert case.year is None or 2000 < case.year < 2030, ref


def test_those_of_a_weak_source_are_drafts():
    doubted = {ref for ref, case in cases.shipped().items() if case.status != "published"}
    assert doubted == {"P019", "P020"}


def test_a_case_is_the_same_after_it_was_written_as_json():
    for case in cases.shipped().values():
        assert cases.from_plain(cases.to_plain(case)) == case
