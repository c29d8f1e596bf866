"""Due process between a member's node and its hub: replies, appeals, and how long answers take."""

from __future__ import annotations

import aiohttp
import pytest

from pecfed.domain.contest import DAY, Contested, answer_time, standing_decision
from pecfed.domain.queue import Decision
from pecfed.domain.review import Review
from pecfed.errors import RefusedError, UsageError
from pecfed.services import accounts, contest, desk, review, reviews
from pecfed.services.effects import the_desk
from pecfed.store import member_replies, queue, remotes
from pecfed.store.database import Session
from pecfed.store.queue import Item
from tests.conftest import MakeServer
from tests.servers import Server, eventually


async def page(ruche: Server, path: str, status: int = 200) -> str:
    """A page of the hub in English."""
    async with aiohttp.ClientSession() as http, http.get(f"{ruche.url}/en{path}") as answer:
        assert answer.status == status
        return await answer.text()


async def say(lilas: Server, ruche: Server, act: str, text: str = "") -> None:
    """Lilas contests from its own node, and the hub has dealt with it."""
    me = await lilas.me()
    before = await ruche.value("SELECT count(*) FROM reviews")
    await lilas.write(
        lambda s: reviews.contest(s, lilas.node.uris, me, ruche.actor_uri, act, text, "en")
    )

    async def arrived() -> bool:
        return bool(await ruche.value("SELECT count(*) FROM reviews") > before)

    await eventually(arrived)
    await ruche.quiet()


async def ask(ruche: Server, lilas: Server) -> None:
    """Lilas asks to be listed."""
    await lilas.join(ruche)
    await eventually(lambda: ruche.state_of(lilas.actor_uri))
    await ruche.quiet()


async def a_member(ruche: Server, lilas: Server) -> None:
    """Lilas has joined."""
    await ask(ruche, lilas)
    await ruche.decide(lilas.actor_uri, "accept", "meets-criteria")
    await ruche.quiet()
    await lilas.quiet()


async def the_appeal(ruche: Server, lilas: Server) -> Item | None:
    """What waits in the queue."""
    return await ruche.write(lambda s: queue.waiting(s, "appeal", lilas.actor_uri, ""))


async def test_a_reply_is_shown_while_the_decision_stands(ruche: Server, lilas: Server) -> None:
    """Beside decision and reason, as plain text; gone when it is restored or taken back."""
    await a_member(ruche, lilas)
    await say(lilas, ruche, "right-of-reply", "Nothing to contest.")
    assert await ruche.rows("SELECT * FROM member_replies") == []
    await ruche.decide(lilas.actor_uri, "suspend", "incomplete")
    path = f"/members/{lilas.handle}"
    await page(ruche, path, 404)
    await say(lilas, ruche, "right-of-reply", "We <b>answered</b> in May.")
    text = await page(ruche, path)
    assert "We &lt;b&gt;answered&lt;/b&gt; in May." in text
    assert "suspended this entry" in text and "incomplete statement" in text
    assert "noindex" in text
    assert lilas.handle not in await page(ruche, "/members")
    await say(lilas, ruche, "right-of-reply", "Better words.")
    text = await page(ruche, path)
    assert "Better words." in text and "in May" not in text
    await say(lilas, ruche, "take-back")
    await page(ruche, path, 404)
    await say(lilas, ruche, "right-of-reply", "Once more.")
    await ruche.decide(lilas.actor_uri, "restore", "resolved")
    assert "Once more." not in await page(ruche, path)


async def test_an_abusers_reply_waits_for_a_person(ruche: Server, lilas: Server) -> None:
    """Until the operator shows it; hidden again, with a line in the log each time."""
    await ask(ruche, lilas)
    await ruche.decide(lilas.actor_uri, "refuse", "abuse")
    await say(lilas, ruche, "right-of-reply", "Buy now!")
    path = f"/members/{lilas.handle}"
    await page(ruche, path, 404)

    async def turn(hide: str) -> str:
        found = await ruche.write(
            lambda s: contest.set_shown(s, lilas.actor_uri, hide=hide, by="operator")
        )
        return found.hidden

    assert await turn("") == ""
    assert "Buy now!" in await page(ruche, path)
    assert await turn("abuse") == "abuse"
    await page(ruche, path, 404)
    with pytest.raises(UsageError):
        await turn("nonsense")
    acts = await ruche.rows("SELECT act FROM log_acts WHERE act LIKE 'reply%' ORDER BY n")
    assert acts == [("reply",), ("reply-shown",), ("reply-hidden",)]


async def test_an_appeal_is_judged_by_somebody_else(ruche: Server, lilas: Server) -> None:
    """Granted, a refused platform is in; what it said is before the reviewer's eyes."""
    await ask(ruche, lilas)
    await ruche.write(lambda s: accounts.add(s, "bob", "reviewer", "en"))
    here = await ruche.read(lambda s: the_desk(s, ruche.node.uris, ruche.settings))
    join = await ruche.write(lambda s: queue.waiting(s, "join", lilas.actor_uri, ""))
    assert join is not None
    await ruche.write(
        lambda s: desk.decide(
            s, here, join.id, Decision("refuse", "out-of-scope"), by="operator:anne", at_once=True
        )
    )
    await say(lilas, ruche, "appeal", "We are a platform, see our site.")
    item = await the_appeal(ruche, lilas)
    assert item is not None
    assert (item.facts["against"], item.facts["reason"]) == ("refuse", "out-of-scope")
    assert item.facts["message"] == {"en": "We are a platform, see our site."}
    number = item.id

    async def judge(by: str) -> Item:
        return await ruche.write(
            lambda s: desk.decide(
                s, here, number, Decision("publish", "mistake", "Sorry.", "en"), by=by,
                at_once=True,
            )
        )  # fmt: skip

    with pytest.raises(RefusedError, match="didn't decide before"):
        await judge("operator:anne")
    await judge("reviewer:bob")
    assert await ruche.state_of(lilas.actor_uri) == "member"
    acts = await ruche.rows(
        "SELECT act FROM log_acts WHERE act IN ('appeal', 'appeal-granted', 'accept') ORDER BY n"
    )
    assert acts == [("appeal",), ("appeal-granted",), ("accept",)]

    async def is_in() -> bool:
        return bool((await lilas.status())["hubs"][0]["membership"] == "member")

    await eventually(is_in)


async def test_an_appeal_is_dismissed_with_words(ruche: Server, lilas: Server) -> None:
    """The decision stands; the member's node has the answer."""
    await a_member(ruche, lilas)
    await ruche.decide(lilas.actor_uri, "suspend", "abuse")
    await say(lilas, ruche, "appeal", "It wasn't us.")
    item = await the_appeal(ruche, lilas)
    assert item is not None
    here = await ruche.read(lambda s: the_desk(s, ruche.node.uris, ruche.settings))
    decision = Decision("refuse", "abuse", "We looked again: it was.", "en")
    await ruche.write(
        lambda s: desk.decide(s, here, item.id, decision, by="reviewer:bob", at_once=True)
    )
    assert await ruche.state_of(lilas.actor_uri) == "suspended"

    async def told() -> bool:
        found = await lilas.rows("SELECT data FROM reviews WHERE sent = 0")
        return any("We looked again" in data for (data,) in found)

    await eventually(told)


async def test_an_appeal_is_not_sent_anew_to_cancel_what_was_decided(
    ruche: Server, lilas: Server
) -> None:
    """Other words stand beside it; about another decision it is looked at anew."""
    await a_member(ruche, lilas)
    await ruche.decide(lilas.actor_uri, "suspend", "abuse")
    await say(lilas, ruche, "appeal", "It wasn't us.")
    item = await the_appeal(ruche, lilas)
    assert item is not None
    here = await ruche.read(lambda s: the_desk(s, ruche.node.uris, ruche.settings))
    decided = await ruche.write(
        lambda s: desk.decide(s, here, item.id, Decision("refuse", "abuse"), by="reviewer:bob")
    )
    await say(lilas, ruche, "appeal", "Really not.")
    assert await the_appeal(ruche, lilas) == decided
    acts = await ruche.read(lambda s: queue.acts(s, item.id))
    assert (acts[-1].act, acts[-1].words) == ("answer", "Really not.")
    await ruche.decide(lilas.actor_uri, "restore", "resolved")
    await ruche.decide(lilas.actor_uri, "suspend", "security")
    await say(lilas, ruche, "appeal", "Nor that.")
    now = await the_appeal(ruche, lilas)
    assert now is not None
    assert (now.state, now.facts["reason"]) == ("open", "security")


async def test_nobody_replies_for_another(make_server: MakeServer, ruche: Server,
                                          lilas: Server) -> None:  # fmt: skip
    """A stranger's reply or appeal about a member is kept by nobody."""
    await a_member(ruche, lilas)
    await ruche.decide(lilas.actor_uri, "suspend", "other")
    orme = await make_server(username="orme")
    me = await orme.me()
    with pytest.raises(RefusedError, match="never asked"):
        await orme.write(
            lambda s: reviews.contest(s, orme.node.uris, me, ruche.actor_uri, "appeal", "x", "en")
        )
    await orme.node.remotes.actor(ruche.actor_uri)

    async def forge(session: Session) -> None:
        hub = await remotes.get(session, ruche.actor_uri)
        assert hub is not None
        said = Review("right-of-reply", lilas.actor_uri, message={"en": "We are evil."})
        await review.send(session, orme.node.uris, me, hub, said)

    await orme.write(forge)
    await orme.quiet()
    await ruche.quiet()
    assert await ruche.read(lambda s: member_replies.everything(s, 10)) == []
    assert await the_appeal(ruche, lilas) is None


async def test_about_says_how_long_answers_take(ruche: Server, lilas: Server) -> None:
    """From the log: nobody yet, one who waits, one who was answered."""
    assert "nobody who asked" in await page(ruche, "/about")
    await ask(ruche, lilas)
    assert "1 waits" in await page(ruche, "/about")
    await ruche.decide(lilas.actor_uri, "accept", "meets-criteria")
    text = await page(ruche, "/about")
    assert "within 1 day (1 answers)" in text and "waits" not in text


def test_what_can_be_contested() -> None:
    """The newest decision that nothing ended; an attestation only where it doubts."""

    def line(act: str, at: int, **facts: object) -> tuple[str, str, int, dict[str, object]]:
        return act, "other", at, facts

    doubt = {"principles": {"governance": "questioned"}}
    assert standing_decision([line("ask", 1), line("accept", 2)]) is None
    assert standing_decision([line("suspend", 1)]) == Contested("suspend", "other", 1)
    assert standing_decision([line("suspend", 1), line("restore", 2)]) is None
    assert standing_decision([line("attest", 1, **doubt)]) == Contested("question", "other", 1)
    assert standing_decision([line("attest", 1, **doubt), line("attest", 2)]) is None
    both = [line("unlabel", 1), line("suspend", 2), line("restore", 3)]
    assert standing_decision(both) == Contested("unlabel", "other", 1)
    assert standing_decision([line("attest", 1, principles="x")]) is None


def test_the_median_of_answers() -> None:
    """Asking again doesn't set the clock back; who left doesn't count; old answers don't."""
    now = 400 * DAY
    lines = [
        ("ask", 1, 0), ("accept", 1, DAY),  # more than a year ago
        ("ask", 2, 300 * DAY), ("ask", 2, 304 * DAY), ("refuse", 2, 305 * DAY),
        ("ask", 3, 300 * DAY), ("accept", 3, 301 * DAY),
        ("ask", 4, 300 * DAY), ("accept", 4, 300 * DAY + 1),
        ("ask", 5, 300 * DAY), ("leave", 5, 301 * DAY),
        ("accept", 6, 300 * DAY),  # nobody asked
        ("ask", 7, 390 * DAY),
    ]  # fmt: skip
    found = answer_time(lines, 35 * DAY, now)
    assert (found.answered, found.days, found.waiting, found.longest) == (3, 1, 1, 10)
    assert answer_time([], 0, now).days is None
