"""The log for people and programs: its pages, a copy that checks, its signed head."""

from __future__ import annotations

from typing import Any

from pecfed import clock
from pecfed.domain.log import verify_lines
from pecfed.federation import proofs
from pecfed.http import log as log_copy
from pecfed.http.render import ACTIVITY
from pecfed.services import log
from tests.http.conftest import Served
from tests.http.hive import CORBEAU, EVIL, LILAS


async def record(served: Served, act: str, **more: Any) -> int:
    """A line more."""
    values: dict[str, Any] = {"subject": LILAS, "by": "operator"} | more
    return await served.database.write(lambda session: log.record(session, act, **values))


async def test_a_copy_is_proved_by_its_own_end(hub: Served, monkeypatch: Any) -> None:
    """However many parts it is written in: all lines check, and the hub signed the last."""
    for number in range(7):
        await record(hub, "still-true", private={"message": f"secret {number}"})
    monkeypatch.setattr(log_copy, "PART", 3)
    text = await hub.page("/log.jsonl")
    found = verify_lines(text.splitlines())
    lines = await hub.database.read(lambda session: session.value("SELECT count(*) FROM log"))
    assert found.lines == lines > 7 and found.head is not None
    assert "secret" not in text
    assert found.head == await hub.json("/log/head.json")
    assert found.head == await hub.json("/log/head.json"), "the same bytes each time"
    async with hub.client.get("/actors/ruche", headers={"Accept": ACTIVITY}) as response:
        actor = await response.json(content_type=None)
    key = proofs.verify(found.head, proofs.read_keys(actor), clock.now())
    assert key in [each["id"] for each in actor["assertionMethod"]]


async def test_an_empty_log_has_a_head(empty_hub: Served) -> None:
    """No lines, and the hub says so."""
    assert verify_lines((await empty_hub.page("/log.jsonl")).splitlines()).lines == 0
    assert (await empty_hub.json("/log/head.json"))["logHead"]["lines"] == 0


async def test_the_page_says_who_did_what_and_why(hub: Served) -> None:
    """In the reader's words, the newest first, with links to members; what is private isn't."""
    await record(
        hub, "suspend", by="reviewer:ANNE", reason="abuse", before={"membership": "member"},
        after={"membership": "suspended"}, private={"message": "Entre nous."},
    )  # fmt: skip
    text = await hub.page("/en/log")
    for said in ("Is suspended", "a reviewer", "abuse found", "<bdi>Lilas</bdi>", "Declares"):
        assert said in text, said
    assert "ANNE" not in text and "Entre nous" not in text
    assert text.rindex("Is suspended") < text.rindex("Declares")
    assert "Est suspendue" in await hub.page("/fr/log")


async def test_a_members_page_says_why_and_leads_to_its_lines(hub: Served) -> None:
    """Why its standing isn't another, in the reader's words."""
    await record(hub, "charter", subject="", facts={"version": "2099"})
    text = await hub.page("/en/members/lilas@lilas.example")
    assert ">outdated</span>" in text and "to be affirmed anew" in text
    assert 'href="/en/log?member=lilas%40lilas.example"' in text


async def test_what_isnt_public_is_sealed(hub: Served) -> None:
    """Neither who, nor what; it isn't found by asking for it, either."""
    await record(hub, "ask", subject="https://secret.example/a", by="operator", is_public=False)
    text = await hub.page("/en/log")
    assert "An act that isn’t public" in text
    for path in ("/en/log", "/log.jsonl", "/en/log?act=ask"):
        assert "secret.example" not in (await hub.page(path)).replace("?act=ask", ""), path
    assert "There is no such line" in await hub.page("/en/log?member=https://secret.example/a")
    assert "There is no such line" in await hub.page("/en/log?act=ask")


async def test_lines_are_chosen_by_member_and_act(hub: Served) -> None:
    """By handle or address; page by page."""
    text = await hub.page("/en/log?member=lilas@lilas.example&act=declare")
    assert text.count('id="line-') == 1 and "Lilas" in text
    assert await hub.page(f"/en/log?member={CORBEAU}&act=declare") != text
    for _ in range(60):
        await record(hub, "still-true")
    first = await hub.page("/en/log?act=still-true")
    assert first.count('id="line-') == 50
    after = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert (await hub.page(after)).count('id="line-') == 10
    await hub.page("/log?cursor=nonsense", 400)


async def test_whatever_a_line_says_is_inert(hub: Served) -> None:
    """Text of others stands there as text."""
    await record(
        hub, EVIL, by=f"https://x.example/{EVIL}", reason=EVIL, facts={EVIL: EVIL, "of": [EVIL]},
        before={"a": EVIL}, after={"b": {"c": EVIL}},
    )  # fmt: skip
    assert EVIL not in await hub.page("/en/log")
