"""The self-assessment's pages: forms that lose nothing, letters where they belong, a file."""

from __future__ import annotations

import re
import tomllib
from datetime import timedelta
from typing import Any

import pytest

from pecfed import clock
from pecfed.domain.review import Review
from pecfed.domain.statement import Declared
from pecfed.services import assessment, reviews
from pecfed.store import actors, memberships
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session
from pecfed.store.remotes import RemoteActor, keep
from tests.admin import Entered, enter
from tests.http.conftest import NOW, Served

HUB = "https://ruche.example/actors/ruche"
FIRST = "/admin/assessment/lilas/commitments/governance-1"


class Visit:
    """Anne's browser on Lilas's node."""

    def __init__(self, node: Served, anne: Entered) -> None:
        self.node, self.anne = node, anne

    async def get(self, path: str, status: int = 200) -> str:
        """The text of a page."""
        async with self.node.client.get(path, cookies=self.anne.cookies) as response:
            text = await response.text()
            assert response.status == status, (path, response.status, text[:500])
            return text

    async def post(self, path: str, status: int = 303, /, **fields: Any) -> str:
        """Send a form; where it leads, or the text of the answer."""
        pairs = [("csrf", self.anne.csrf)]
        for name, value in fields.items():
            values = value if isinstance(value, list) else [value]
            pairs += [(name.replace("__", "."), each) for each in values]
        async with self.node.client.post(
            path, data=pairs, cookies=self.anne.cookies, allow_redirects=False
        ) as response:
            text = await response.text()
            assert response.status == status, (path, response.status, text[-1500:])
            return response.headers["Location"] if status == 303 else text

    async def me(self) -> LocalActor:
        """Lilas."""
        found = await self.node.database.read(lambda s: actors.by_username(s, "lilas"))
        assert found is not None
        return found

    async def look(self) -> assessment.Assessment:
        """How far the statement is."""
        me = await self.me()
        return await self.node.database.read(lambda s: assessment.look(s, me))


@pytest.fixture
async def visit(node: Served) -> Visit:
    """An operator who is signed in."""
    return Visit(node, await enter(node.database, node.settings, language="en"))


def version(page: str) -> str:
    """What a form holds of the version that it shows."""
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found
    return found[1]


def shown(page: str) -> str:
    """What the form to publish holds."""
    found = re.search(r'name="shown" value="([0-9a-f]{64})"', page)
    assert found, page[-2000:]
    return found[1]


async def letter(visit: Visit, act: str, *commitments: str, sender: str = HUB) -> int:
    """A letter that came; its number."""
    me = await visit.me()
    hub = RemoteActor(sender, "Organization", "ruche@ruche.example", "La Ruche <b>",
                      f"{sender}/inbox", f"{sender}/inbox", "", 1, None)  # fmt: skip
    said = Review(act, f"{visit.node.settings.url}/objects/statement", commitments=commitments,
                  message={"en": "Where are your statutes?\n<script>"}, until="2027-01-31",
                  reason="not-verifiable")  # fmt: skip

    async def work(session: Session) -> int:
        await keep(session, hub, [])
        await memberships.put(session, me.id, HUB, "", "member", 1)
        uri = f"{sender}/{act}/{len(commitments)}"
        await reviews.received(session, visit.node.uris, uri, hub, me, said)
        return int(await session.value("SELECT id FROM reviews WHERE uri = ?", uri))

    return await visit.node.database.write(work)


async def test_from_the_first_answer_to_publishing(visit: Visit) -> None:
    """Saved, gone on with, shown as a difference, published; the draft is done with."""
    page = await visit.get("/admin/assessment")
    assert "2 of 17 commitments complete" in page
    page = await visit.get(FIRST)
    assert "Une personne, une voix." in page
    there = await visit.post(
        FIRST, level="planned", explanation__fr="Bientôt.", explanation__en="",
        evidence=["", " https://lilas.example/x "], version=version(page), then="next",
    )  # fmt: skip
    assert there == "/admin/assessment/lilas/commitments/governance-2"
    there = await visit.post(
        there, level="practised", explanation__en="Named in the statutes.", version="0",
        then="later",
    )  # fmt: skip
    assert there == "/admin/assessment/lilas#governance-2"
    assert "3 of 17 commitments complete" in await visit.get("/admin/assessment/lilas")
    page = await visit.get("/admin/assessment/lilas/publish")
    assert "2 commitments change" in page
    assert "Une personne, une voix." in page
    assert "Bientôt." in page
    there = await visit.post("/admin/assessment/lilas/publish", shown=shown(page))
    assert there == "/admin/assessment/lilas?done=published"
    found = await visit.look()
    assert found.saved is None
    assert found.statement is not None
    assert found.statement.commitments[:2] == (
        Declared("governance-1", "planned", {"fr": "Bientôt."}, ("https://lilas.example/x",)),
        Declared("governance-2", "practised", {"en": "Named in the statutes."}),
    )
    assert "written here" in await visit.get("/admin/assessment/lilas")
    assert "There is no draft" in await visit.get("/admin/assessment/lilas/publish")


async def test_what_cannot_be_kept_comes_back(visit: Visit) -> None:
    """With the reason in words and everything that was typed; nothing is begun."""
    text = await visit.post(
        FIRST, 400, level="practised", explanation__fr="Mon texte </textarea><b>",
        evidence=["javascript:alert(1)"], version="0",
    )  # fmt: skip
    assert "this is no web address" in text
    assert "Mon texte &lt;/textarea&gt;&lt;b&gt;" in text
    assert 'value="javascript:alert(1)"' in text
    assert 'href="javascript' not in text
    await visit.post(FIRST, 400, level="top", version="0")
    await visit.post(FIRST, 400, level="", evidence=["https://x.example"] * 0
                     + [f"https://x.example/{n}" for n in range(21)], version="0")  # fmt: skip
    assert (await visit.look()).saved is None


@pytest.mark.parametrize("stale", ["7", "", "x", "99999999999999999999"])
async def test_who_saves_second_sees_both(visit: Visit, stale: str) -> None:
    """409 with what was typed and what is saved; saved again, it counts."""
    await visit.post(FIRST, level="planned", explanation__fr="Le sien.", version="0")
    text = await visit.post(
        FIRST, 409, level="practised", explanation__fr="Le mien.", version=stale
    )
    assert "Somebody else saved this commitment meanwhile" in text
    assert "Le sien." in text
    assert "Le mien." in text
    await visit.post(FIRST, level="practised", explanation__fr="Le mien.", version=version(text))
    found = await visit.look()
    assert found.draft.answers["governance-1"].explanation == {"fr": "Le mien."}


async def test_publishing_what_was_not_shown(visit: Visit) -> None:
    """409, and the page shows what would change now."""
    await visit.post(FIRST, level="planned", version="0")
    page = await visit.get("/admin/assessment/lilas/publish")
    await visit.post(FIRST, level="in-progress", explanation__fr="Oui", version="1")
    text = await visit.post("/admin/assessment/lilas/publish", 409, shown=shown(page))
    assert "The draft was changed meanwhile" in text
    text = await visit.post(FIRST.replace("-1", "-3"), level="in-progress", version="0")
    text = await visit.post("/admin/assessment/lilas/publish", 409, shown=shown(page))
    assert "To be completed first" in text


async def test_the_end_the_draft_and_the_file(visit: Visit) -> None:
    """The day is chosen from a list; a file says what is published or drafted; a draft can go."""
    there = "/admin/assessment/lilas"
    assert await visit.post(f"{there}/until", valid_until="2028-11-23") == f"{there}/publish"
    assert "Choose until when" in await visit.post(f"{there}/until", 400, valid_until="1999-01-01")
    await visit.post(FIRST, level="planned", version="0")
    drafted = tomllib.loads(await visit.get(f"{there}/charter.toml?draft=1"))["charter"]
    published = tomllib.loads(await visit.get(f"{there}/charter.toml"))["charter"]
    assert drafted["commitments"]["governance-1"] == {"level": "planned"}
    assert str(drafted["valid_until"]) == "2028-11-23"
    assert published["commitments"]["governance-1"]["level"] == "practised"
    await visit.post(f"{there}/discard")
    assert (await visit.look()).saved is not None
    await visit.post(f"{there}/discard", sure="yes")
    assert (await visit.look()).saved is None
    assert "The draft is up to date" in await visit.post(f"{there}/catch-up", 409)


async def test_a_question_stands_where_it_belongs(visit: Visit) -> None:
    """At its commitment; what is about none on the first page. The answer is sent and shown."""
    number = await letter(visit, "ask", "governance-1", "data-3")
    await letter(visit, "later")
    overview = await visit.get("/admin/assessment/lilas")
    assert overview.count("1 question") == 2
    assert "La Ruche &lt;b&gt; will come back to it" in overview
    assert "Where are your statutes?" in overview  # of the one about none
    page = await visit.get(FIRST)
    assert "La Ruche &lt;b&gt; asks you a question" in page
    assert "&lt;script&gt;" in page
    assert "<script>" not in page
    assert "asks you a question" not in await visit.get(FIRST.replace("-1", "-2"))
    path = f"/admin/assessment/lilas/letters/{number}"
    assert "4,000 characters" in await visit.post(f"{path}/answer", 400, answer=" ")
    text = await visit.post(f"{path}/answer", 400, answer="x" * 4001)
    assert "x" * 4001 in text
    there = await visit.post(f"{path}/answer", answer="Here.", language="en")
    assert there == f"{FIRST}#letter-{number}"
    page = await visit.get(FIRST)
    assert "Your answer of" in page
    assert "1 question" not in await visit.get("/admin/assessment/lilas")
    sent = await visit.node.database.read(lambda s: s.all("SELECT inbox_url FROM deliveries"))
    assert [row["inbox_url"] for row in sent] == [f"{HUB}/inbox"]


@pytest.mark.parametrize("number", ["0", "99", "x", "²", "9" * 30])
async def test_a_letter_that_is_none(visit: Visit, number: str) -> None:
    """404, whatever is asked of it."""
    for deed in ("answer", "settle"):
        await visit.post(f"/admin/assessment/lilas/letters/{number}/{deed}", 404, answer="A")
    await visit.post(f"/admin/requests/{number}/put-aside", 404)


async def test_requests_wait_until_they_are_dealt_with(visit: Visit) -> None:
    """Who asks, with its words and its statement; put aside, it is among the settled."""
    assert "No request waits" in await visit.get("/admin/requests")
    number = await letter(visit, "endorse-please", sender="https://orme.example/actors/orme")
    question = await letter(visit, "ask")
    page = await visit.get("/admin/requests")
    assert f'href="/admin/requests/{number}"' in page
    await visit.post(f"/admin/requests/{question}/put-aside", 404)
    await visit.post(f"/admin/requests/{number}/put-aside")
    assert "1 request settled" in await visit.get("/admin/requests")


@pytest.mark.parametrize("path", [FIRST.replace("lilas", "x"), FIRST.replace("-1", "-99"),
                                  "/admin/assessment/instance"])  # fmt: skip
async def test_what_is_not_there(visit: Visit, path: str) -> None:
    """404 in words."""
    await visit.get(path, 404)


async def test_an_observer_looks_only(node: Served) -> None:
    """Every page, and no button that changes anything."""
    visit = Visit(node, await enter(node.database, node.settings, "observer", language="en"))
    for path in ("/admin/assessment", FIRST, "/admin/assessment/lilas/publish",
                 "/admin/assessment/lilas/endorsements", "/admin/requests"):  # fmt: skip
        page = await visit.get(path)
        assert [form for form in re.findall(r'method="post" action="([^"]*)"', page)
                if form not in {"/admin/sign-out", FIRST}] == []  # fmt: skip
    await visit.post(FIRST, 403, level="planned", version="0")


async def test_asking_without_a_directory_or_a_choice(visit: Visit) -> None:
    """Words on what is missing; nothing is sent."""
    there = "/admin/assessment/lilas/endorsements"
    assert "Ask a directory to list you first" in await visit.get(there)
    assert "Choose 1 to 20 members" in await visit.post(there, 400, message="x")
    assert "Choose 1 to 20 members" in await visit.post(there, 400, to=["javascript:1", ""])
    many = [f"https://x.example/{number}" for number in range(21)]
    assert "Choose 1 to 20 members" in await visit.post(there, 400, to=many)
    assert await visit.node.database.read(lambda s: s.value("SELECT count(*) FROM reviews")) == 0


async def test_the_start_page_says_what_waits(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A draft, questions, requests, a statement that ends soon; otherwise nothing."""
    assert "Nothing at the moment" in await visit.get("/admin")
    await letter(visit, "ask", "data-3")
    await letter(visit, "endorse-please", sender="https://orme.example/actors/orme")
    page = await visit.get("/admin")
    assert "1 question or decision of a directory for Lilas" in page
    assert "1 request for an endorsement" in page
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=320))
    visit = Visit(visit.node, await enter(visit.node.database, visit.node.settings, language="en"))
    assert "The statement of Lilas ends soon" in await visit.get("/admin")
    await visit.post(FIRST, level="planned", version="0")
    page = await visit.get("/admin")
    assert "A draft of Lilas’s statement isn’t published" in page
    assert "ends soon" not in page
