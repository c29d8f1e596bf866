"""The lists and the charter, as the program reads them."""

from __future__ import annotations

import pytest

from pecfed.language import lists
from pecfed.language.charter import UnknownCharterError, charter, charters


def test_lists_have_both_languages() -> None:
    for name in lists.list_names():
        for id_, label in lists.labels(name).items():
            assert set(label) == {"fr", "en"} and all(label.values()), (name, id_)
    assert lists.event_status("cancelled") == ("CANCELLED", "EventCancelled")
    with pytest.raises(lists.UnknownListError, match="sector"):
        lists.labels("sectors")


def test_the_charter_is_whole() -> None:
    told = charter()
    assert charters() == (told.version,)
    assert [len(principle.commitments) for principle in told.principles] == [4, 4, 5, 2, 2]
    for commitment in told.commitments:
        assert set(commitment.title) == set(commitment.text) == {"fr", "en"}
    needs = {level.id: level.needs for level in told.levels}
    assert needs == {
        "practised": "evidence",
        "in-progress": "explanation",
        "planned": None,
        "not-applicable": "explanation",
    }
    with pytest.raises(UnknownCharterError, match="2018"):
        charter("1999")
