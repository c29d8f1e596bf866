"""The queue in the admin: what is shown, what is decided, what a second reviewer is told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from pecfed.domain.queue import Decision
from pecfed.domain.statement import Declared, digest
from pecfed.services import evidence
from pecfed.services.queue import close_item, move, open_item
from pecfed.store import evidence_checks, queue
from pecfed.store.database import Session
from pecfed.store.queue import Item
from tests.admin import Entered, enter
from tests.http.conftest import Served, publish
from tests.http.hive import LILAS, SCRIPT_URL, statement_of

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
EVIL = "<script>alert(1)</script>"


async def ask(
    served: Served, who: Entered, path: str, fields: Mapping[str, Any] | None = None
) -> tuple[int, str]:
    """The status and the text; a form is posted where there are fields."""
    async with served.client.request(
        "GET" if fields is None else "POST",
        path,
        data=None
        if fields is None
        else [("csrf", who.csrf), *fields.items()]
        if isinstance(fields, dict)
        else fields,
        cookies=who.cookies,
        allow_redirects=False,
    ) as response:
        text = await response.text()
        served.client.session.cookie_jar.clear()
        return response.status, response.headers.get("Location", "") or text


async def waiting(served: Served, kind: Any = "statement", **facts: Any) -> Item:
    """An item about Lilas."""

    async def work(session: Session) -> Item:
        number = await open_item(session, kind, subject=LILAS, facts=facts)
        found = await queue.get(session, number)
        assert found is not None
        return found

    return await served.database.write(work)


async def changed(served: Served) -> Item:
    """Lilas' statement was reviewed once, and has changed since."""
    before = statement_of(LILAS)
    item = await waiting(served, statement=f"{LILAS}/s", digest=digest(before.to_value()))
    await publish(served.database, LILAS, before, uri=f"{LILAS}/s")
    await served.database.write(
        lambda s: close_item(s, "statement", subject=LILAS, decision="publish", by="operator")
    )
    first, *rest = before.commitments
    now = replace(
        before,
        commitments=(
            replace(first, level="planned", explanation={"fr": f"Autre chose. {EVIL}"},
                    evidence=("https://lilas.example/neuf", SCRIPT_URL)),
            *rest,
            Declared("cooperation-2", "planned"),
        ),
    )  # fmt: skip
    await publish(served.database, LILAS, now, uri=f"{LILAS}/s")
    assert item.id

    async def looked(session: Session) -> None:
        await evidence.look(session, now)
        await evidence_checks.put(session, "https://lilas.example/neuf", 1_795_424_400_000, 404,
                                  "gone")  # fmt: skip

    await served.database.write(looked)
    return await waiting(served, statement=f"{LILAS}/s", digest=digest(now.to_value()))


async def read(served: Served, item: Item) -> Item:
    found = await served.database.read(lambda s: queue.get(s, item.id))
    assert found is not None
    return found


def press(text: str) -> str:
    found = re.search(r'name="press" value="([0-9a-f]{32})"', text)
    assert found
    return found[1]


async def test_the_difference_to_what_was_reviewed(hub: Served) -> None:
    """By commitment and word, with the evidence and its last look; markup of others stays text."""
    anne = await enter(hub.database, hub.settings, "reviewer", language="en")
    item = await changed(hub)
    status, text = await ask(hub, anne, f"/admin/queue/{item.id}")
    assert status == 200
    assert "<ins>Autre" in text and "&lt;script&gt;" in text and EVIL not in text
    assert "is no more (404)" in text and f'href="{SCRIPT_URL}"' not in text
    assert "unchanged commitment" in text
    assert 'value="meets-criteria" selected' in text
    status, text = await ask(hub, anne, "/admin/queue")
    assert status == 200 and f'value="{item.id}-{item.version}"' in text
    assert (
        "1&nbsp;new" in text and "1&nbsp;changed" in text and "1 link that doesn’t answer" in text
    )


async def test_a_decision_and_its_undoing(hub: Served) -> None:
    """Through the forms; the next page shows what can be undone."""
    anne = await enter(hub.database, hub.settings, "reviewer", language="en")
    item = await waiting(hub, "stale")
    _, text = await ask(hub, anne, f"/admin/queue/{item.id}")
    fields = {"act": "refuse", "reason": "closed", "message": "Fermée ?",
              "version": str(item.version), "press": press(text)}  # fmt: skip
    for _ in range(2):  # a double press
        status, where = await ask(hub, anne, f"/admin/queue/{item.id}/decide", fields)
        assert (status, where) == (303, "/admin/queue")
    decided = await read(hub, item)
    assert (decided.state, decided.by) == ("decided", "reviewer:anne")
    assert decided.decision == Decision("refuse", "closed", "Fermée ?", "en")
    _, text = await ask(hub, anne, "/admin/queue")
    assert f'action="/admin/queue/{item.id}/undo"' in text
    undo = {"version": str(decided.version), "press": press(text)}
    status, _ = await ask(hub, anne, f"/admin/queue/{item.id}/undo", undo)
    assert status == 303
    assert (await read(hub, item)).state == "open"
    acts = await hub.database.read(lambda s: queue.acts(s, item.id))
    assert [each.act for each in acts] == ["refuse", "undo"]


async def test_the_second_reviewer_sees_a_conflict(hub: Served) -> None:
    """With what was written, and what the first one decided."""
    anne = await enter(hub.database, hub.settings, "reviewer", "anne", language="en")
    ben = await enter(hub.database, hub.settings, "reviewer", "ben", language="en")
    item = await waiting(hub, "stale")
    fields = {"act": "ask", "reason": "incomplete", "message": "Une question & plus",
              "version": str(item.version)}  # fmt: skip
    status, _ = await ask(hub, anne, f"/admin/queue/{item.id}/decide", fields)
    assert status == 303
    status, text = await ask(hub, ben, f"/admin/queue/{item.id}/decide", fields)
    assert status == 409
    assert "has changed since you looked" in text and "reviewer:anne" in text
    for wrong in ({}, {"act": "fly"}, {"act": "refuse", "reason": "x"}, {"act": "later",
                  "until": "x"}, {"version": "x"}):  # fmt: skip
        status, text = await ask(
            hub, ben, f"/admin/queue/{item.id}/decide", {"version": "2"} | wrong
        )
        assert status in {400, 409}, wrong
        assert 'role="alert"' in text
    for nowhere in ("999999", "x", "1" * 30):
        assert (await ask(hub, ben, f"/admin/queue/{nowhere}"))[0] == 404


async def test_the_second_reviewer_finds_the_day_that_was_proposed(hub: Served) -> None:
    """It is part of what is granted, so who agrees has it in the form already."""
    ben = await enter(hub.database, hub.settings, "reviewer", "ben", language="en")
    item = await changed(hub)
    proposed = Decision("publish", "meets-criteria", until="2027-05-12")
    await hub.database.write(
        lambda s: move(s, item, "propose", by="reviewer:anne", decision=proposed)
    )
    _, text = await ask(hub, ben, f"/admin/queue/{item.id}")
    assert re.search('id="u-publish"[^>]* value="2027-05-12"', text)
    assert re.search('id="u-later"[^>]* value=""', text)


async def test_several_at_once(hub: Served) -> None:
    """A conflict about one doesn't stop the others, and is told by its number."""
    anne = await enter(hub.database, hub.settings, "reviewer", language="en")
    one, two = await waiting(hub, "stale"), await waiting(hub, "silent")
    fields = [("csrf", anne.csrf), ("act", "later"), ("press", "a" * 32),
              ("item", f"{one.id}-{one.version}"), ("item", f"{two.id}-7")]  # fmt: skip
    data: Any = fields
    status, text = await ask(hub, anne, "/admin/queue/decide", data)
    assert status == 409 and f"Item {two.id}:" in text
    assert ((await read(hub, one)).state, (await read(hub, two)).state) == ("later", "open")
    for wrong in ([], [("act", "later")], [("item", "x"), ("act", "later")], [("item", "1-1")]):
        data = [("csrf", anne.csrf), *wrong]
        status, text = await ask(hub, anne, "/admin/queue/decide", data)
        assert status == 400 and "Pick what you decide about" in text
    data = [*fields[:2], ("item", f"{two.id}-{two.version}")]
    assert (await ask(hub, anne, "/admin/queue/decide", data))[0] == 303


async def test_notes_and_looks(hub: Served) -> None:
    """A note is for the other reviewers; links are looked at again when asked."""
    anne = await enter(hub.database, hub.settings, "reviewer", language="fr")
    item = await changed(hub)
    status, _ = await ask(hub, anne, f"/admin/queue/{item.id}/note", {"note": f"Vu. {EVIL}"})
    assert status == 303
    status, text = await ask(hub, anne, f"/admin/queue/{item.id}")
    assert "Vu. &lt;script&gt;" in text and EVIL not in text
    assert (await ask(hub, anne, f"/admin/queue/{item.id}/note", {"note": " "}))[0] == 400
    status, _ = await ask(hub, anne, f"/admin/queue/{item.id}/look", {"x": "y"})
    assert status == 303
    due = await hub.database.read(evidence_checks.count_due)
    assert due > 0


async def test_an_observer_only_looks(hub: Served) -> None:
    """There is no form but those to filter and to leave."""
    zoe = await enter(hub.database, hub.settings, "observer", "zoe", language="en")
    item = await changed(hub)
    for path in (f"/admin/queue/{item.id}", "/admin/queue", "/admin/queue?state=done",
                 "/admin/queue?state=all&kind=statement",
                 "/admin/queue?state=x&kind=y"):  # fmt: skip
        status, text = await ask(hub, zoe, path)
        assert status == 200
        assert re.findall('method="post" action="([^"]+)"', text) == ["/admin/sign-out"]
    assert (await ask(hub, zoe, "/admin/queue?cursor=x"))[0] == 400
