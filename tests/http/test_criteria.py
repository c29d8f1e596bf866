"""The criteria and reason codes: one file, shown as a page and handed on as data."""

from __future__ import annotations

import tomllib

from pecfed.domain.membership import REASONS
from pecfed.language.criteria import criteria, criteria_data, reasons
from pecfed.shipped import shipped
from tests.http.conftest import Served


async def test_the_page_says_each_of_them(hub: Served) -> None:
    """Every criterion with its anchor, every reason, every term, in both languages."""
    for language in ("fr", "en"):
        text = await hub.page(f"/{language}/criteria")
        for decision in criteria().decisions:
            for each in decision.criteria:
                assert f'id="{each.id}"' in text
        for reason in criteria().reasons:
            assert f'id="reason-{reason.id}"' in text
    assert "Right of reply" in text and "60 days" in text
    assert 'href="/en/criteria"' in await hub.page("/en/about")


async def test_the_api_hands_on_the_file(hub: Served) -> None:
    """Whole, as it is published; a parameter is refused."""
    answer = await hub.client.get("/api/v1/criteria", headers={"Host": hub.settings.host})
    wanted = tomllib.loads((shipped("vocab") / "v1" / "criteria.toml").read_text("utf-8"))
    assert await answer.json() == wanted
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    refused = await hub.client.get("/api/v1/criteria?x=1", headers={"Host": hub.settings.host})
    assert refused.status == 400


def test_the_file_holds_together() -> None:
    """Ids are used once, each criterion belongs to a decision, all is said in both languages."""
    data = criteria_data()
    for name in ("decision", "criterion", "reason", "term"):
        ids = [each["id"] for each in data[name]]
        assert len(ids) == len(set(ids)), name
        for each in data[name]:
            for key in ("title", "text", "label"):
                assert set(each.get(key, {"fr": 1, "en": 1})) == {"fr", "en"}, each["id"]
    assert {each["decision"] for each in data["criterion"]} == {
        each["id"] for each in data["decision"]
    }
    assert criteria().days("appeal") == 60


def test_reasons_are_read_from_it() -> None:
    """All of them, or those for one act."""
    assert list(REASONS) == [each.id for each in criteria().reasons]
    assert "meets-criteria" in reasons("accept")
    assert "abuse" not in reasons("accept")
    assert "other" in reasons("refuse")
