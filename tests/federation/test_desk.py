"""The desk with real servers: what a decision does, when, once, and what its subject hears."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from pecfed import clock
from pecfed.domain.queue import Decision
from pecfed.errors import PecfedError, RefusedError, UsageError
from pecfed.language.charter import charter
from pecfed.services import accounts, desk, effects
from pecfed.services.queue import open_item
from pecfed.store import evidence_checks, members, queue, standings
from pecfed.store.queue import Item
from pecfed.work.desk import once
from tests.cast import AS2, PUBLIC, Peer
from tests.conftest import MakeServer
from tests.federation.conftest import let_in, let_in_node
from tests.federation.sending import arrived, send
from tests.federation.test_vouching import becomes, declared, orme_endorses
from tests.servers import Server, eventually

__all__ = ["declared"]  # a fixture
ANA, BEN = "reviewer:ana", "reviewer:ben"
GOOD = Decision("publish", "meets-criteria")


async def items(hub: Server, state: Any = "open") -> list[Item]:
    page = await hub.read(lambda session: queue.listing(session, states=(state,), limit=50))
    return list(page.items)


async def decide(hub: Server, item: Item, decision: Decision, by: str = ANA, **more: Any) -> Item:
    async def work(session: Any) -> Item:
        here = await effects.the_desk(session, hub.node.uris, hub.settings)
        return await desk.decide(session, here, item.id, decision, by=by, **more)

    return await hub.write(work)


async def carried_out(session: Any, hub: Server, item: Item) -> Item:
    here = await effects.the_desk(session, hub.node.uris, hub.settings)
    return await effects.carry_out(session, here, item)


async def is_open(hub: Server, item: Item) -> bool:
    return item.id in [each.id for each in await items(hub)]


async def asked(hub: Server, who: Peer) -> Item:
    """Somebody asks to join: the item that waits."""
    join = who.activity("Join", hub.actor_uri)
    assert (await who.send(f"{hub.url}/inbox", join)).status == 202
    await hub.note_of(join["id"])
    (item,) = [each for each in await items(hub) if each.subject == who.uri]
    return item


def a_statement(who: Peer, *, uri: str = "", text: str = "Une voix.", **more: Any) -> Any:
    """A statement of that peer's, served at its id."""
    note = {
        "@context": AS2,
        "id": uri or who.new("objects"),
        "type": "Note",
        "attributedTo": who.uri,
        "to": [PUBLIC],
        "content": "<p>…</p>",
        "published": clock.stamp(clock.now()),
        "charterStatement": {
            "member": who.uri,
            "charter": "2018",
            "declared": "2026-11-23",
            "validUntil": "2027-11-23",
            "commitments": [
                {
                    "commitment": "governance-1",
                    "level": "practised",
                    "explanation": {"fr": text},
                    "evidence": [f"{who.url}/statuts", f"{who.url}/nowhere"],
                }
            ],
        },
    } | more
    who.serve(note)
    return note


@pytest.fixture
async def quick(make_server: MakeServer) -> Server:
    """A hub where a decision can be undone for a second."""
    return await make_server(role="hub", username="ruche", name="La Ruche", undo_seconds=1)


async def test_a_decision_can_be_undone(ruche: Server, corbeau: Peer) -> None:
    """While its grace lasts, by any reviewer; nobody was told anything."""
    item = await asked(ruche, corbeau)
    assert (item.kind, item.subject, item.facts) == ("join", corbeau.uri, {})
    decided = await decide(ruche, item, GOOD, version=item.version)
    assert (decided.state, decided.by) == ("decided", ANA)
    assert not await once(ruche.node)
    assert await ruche.write(lambda s: members.state_of(s, corbeau.uri)) == "asked"
    back = await ruche.write(lambda s: desk.undo(s, item.id, by=BEN, version=decided.version))
    assert (back.state, back.decision) == ("open", None)
    assert back.due_at is None
    assert not await once(ruche.node)
    await decide(ruche, back, GOOD, at_once=True)
    with pytest.raises(RefusedError, match="took effect"):
        await ruche.write(lambda s: desk.undo(s, item.id, by=ANA))
    await ruche.quiet()
    assert len(corbeau.posted("Accept")) == 1


async def test_a_decision_takes_effect_when_its_grace_is_over(quick: Server, corbeau: Peer) -> None:
    """By itself; the member reads the words that were written with it."""
    ruche = quick
    item = await asked(ruche, corbeau)
    await decide(ruche, item, Decision("publish", "meets-criteria", "Bienvenue !"))
    await eventually(arrived(corbeau, "Accept"))
    await eventually(arrived(corbeau, "Create"))
    (create,) = corbeau.posted("Create")
    assert create["object"]["review"] == {
        "act": "publish", "about": corbeau.uri, "reason": "meets-criteria",
        "message": {"fr": "Bienvenue !"},
    }  # fmt: skip
    assert await ruche.write(lambda s: members.state_of(s, corbeau.uri)) == "member"
    (done,) = await items(ruche, "done")
    acts = await ruche.read(lambda s: queue.acts(s, done.id))
    assert [(each.act, each.by) for each in acts] == [
        ("publish", ANA), ("effect", "hub"),
    ]  # fmt: skip
    last = await ruche.read(lambda s: members.find(s, corbeau.uri))
    assert last is not None
    history = await ruche.read(lambda s: members.history(s, last.id))
    assert [each.by for each in history if each.deed == "accept"] == [ANA]


async def test_a_refusal_says_why(ruche: Server, corbeau: Peer) -> None:
    """By the Reject alone, with reason and words."""
    item = await asked(ruche, corbeau)
    await decide(ruche, item, Decision("refuse", "out-of-scope", "Hors du champ."), at_once=True)
    await eventually(arrived(corbeau, "Reject"))
    (reject,) = corbeau.posted("Reject")
    assert reject["reason"] == "out-of-scope" and "Hors du champ." in reject["summary"]
    await ruche.quiet()
    assert corbeau.posted("Create") == []


async def test_two_at_once(ruche: Server, corbeau: Peer) -> None:
    """The second of two reviewers sees a conflict, whatever the first has done."""
    item = await asked(ruche, corbeau)
    found = await asyncio.gather(
        decide(ruche, item, GOOD, ANA, version=item.version),
        decide(ruche, item, Decision("refuse", "other"), BEN, version=item.version),
        return_exceptions=True,
    )
    refused = [each for each in found if isinstance(each, PecfedError)]
    assert [(each.code, each.status) for each in refused] == [("changed_meanwhile", 409)]
    acts = await ruche.read(lambda s: queue.acts(s, item.id))
    assert len(acts) == 1


async def test_one_press_is_one_act(ruche: Server, corbeau: Peer) -> None:
    """However often it arrives, side by side or later, with the version of the first time."""
    item = await asked(ruche, corbeau)
    pressed = {"version": item.version, "press": "a-press-of-a-button"}
    found = await asyncio.gather(*(decide(ruche, item, GOOD, ANA, **pressed) for _ in range(5)))
    assert {each.state for each in found} == {"decided"}
    (decided,) = await items(ruche, "decided")
    await ruche.write(lambda s: carried_out(s, ruche, decided))
    again = await decide(ruche, item, GOOD, ANA, **pressed)
    assert again.state == "done"
    await eventually(arrived(corbeau, "Accept"))
    await ruche.quiet()
    assert len(corbeau.posted("Accept")) == 1
    for _ in range(2):
        await ruche.write(lambda s: desk.note(s, item.id, " Vu. ", by=BEN, press="note"))
    acts = await ruche.read(lambda s: queue.acts(s, item.id))
    assert [each.act for each in acts] == ["publish", "effect", "note"]
    assert acts[-1].words == "Vu."


async def test_two_reviewers(make_server: MakeServer, corbeau: Peer) -> None:
    """Where two must agree, one proposes; the same person can't be both."""
    hub = await make_server(role="hub", username="ruche", name="La Ruche", reviewers=2)
    item = await asked(hub, corbeau)
    proposed = await decide(hub, item, GOOD, ANA)
    assert (proposed.state, proposed.by) == ("proposed", ANA)
    with pytest.raises(RefusedError, match="another reviewer"):
        await decide(hub, proposed, GOOD, ANA)
    objected = await decide(hub, proposed, Decision("refuse", "other", "Non."), BEN)
    assert (objected.state, objected.decision) == ("open", None)
    await decide(hub, objected, GOOD, ANA)
    agreed = await decide(hub, objected, Decision("publish", "meets-criteria", "Oui."), BEN,
                          at_once=True)  # fmt: skip
    assert (agreed.state, agreed.by, agreed.seconded_by) == ("done", ANA, BEN)
    await eventually(arrived(corbeau, "Accept"))
    # what isn't about trust needs one
    item = await decide(hub, await asked_later(hub), Decision("later"), ANA)
    assert item.state == "later"


async def asked_later(hub: Server) -> Item:
    number = await hub.write(
        lambda s: open_item(s, "stale", subject="https://orme.example/actors/orme")
    )
    item = await hub.read(lambda s: queue.get(s, number))
    assert item is not None
    return item


async def test_a_question_and_its_answer(ruche: Server, corbeau: Peer) -> None:
    """The member is asked about a commitment; its answer opens the item again."""
    await let_in(ruche, corbeau)
    note = a_statement(corbeau)
    await send(corbeau, ruche, corbeau.activity("Create", note))
    (item,) = await items(ruche)
    assert (item.kind, item.facts["statement"]) == ("statement", note["id"])
    question = Decision("ask", "not-verifiable", "Où sont vos statuts ?", "fr", "",
                        ("governance-1",))  # fmt: skip
    sent = await decide(ruche, item, question, at_once=True)
    assert sent.state == "asked" and sent.due_at is not None
    await eventually(arrived(corbeau, "Create"))
    (create,) = corbeau.posted("Create")
    told = create["object"]["review"]
    assert (told["about"], told["digest"]) == (note["id"], item.facts["digest"])
    assert told["commitments"] == ["governance-1"] and told["until"]
    acts = await ruche.read(lambda s: queue.acts(s, item.id))
    assert acts[-1].note_uri == create["object"]["id"]
    uri = create["object"]["id"]
    assert await ruche.write(
        lambda s: effects.answered(s, corbeau.uri, uri, "Sur notre site.", corbeau.uri)
    )
    (item,) = await items(ruche)
    assert item.decision is None
    # asked again, and no answer: it comes back by itself
    await decide(ruche, item, question, at_once=True)
    with clock.running_ahead(timedelta(days=31)):
        await eventually(lambda: is_open(ruche, item))
    assert not await ruche.write(
        lambda s: effects.answered(s, "https://x.example/a", "https://x.example/n", "", "x")
    )


async def test_who_asks_cancels_no_decision_by_talking(ruche: Server, corbeau: Peer) -> None:
    """What it says stands beside the decision, whose time and version stay as they are."""
    item = await asked(ruche, corbeau)
    decided = await decide(ruche, item, Decision("refuse", "out-of-scope"))
    assert await ruche.write(
        lambda s: effects.answered(s, corbeau.uri, "", "Attendez !", corbeau.uri)
    )
    assert await ruche.read(lambda s: queue.get(s, item.id)) == decided
    said = (await ruche.read(lambda s: queue.acts(s, item.id)))[-1]
    assert (said.act, said.by, said.words) == ("answer", corbeau.uri, "Attendez !")


async def test_a_statement_that_changes_while_it_waits(ruche: Server, corbeau: Peer) -> None:
    """What was decided about the former version does not take effect."""
    await let_in(ruche, corbeau)
    note = a_statement(corbeau)
    await send(corbeau, ruche, corbeau.activity("Create", note))
    (item,) = await items(ruche)
    decided = await decide(ruche, item, Decision("refuse", "incomplete", "Plus de détails."))
    changed = a_statement(corbeau, uri=note["id"], text="Deux voix.",
                          updated=clock.stamp(clock.now() + timedelta(seconds=1)))  # fmt: skip
    await send(corbeau, ruche, corbeau.activity("Update", changed))
    (now,) = await items(ruche)
    assert now.id == item.id and now.version > decided.version
    assert now.facts["digest"] != item.facts["digest"]
    assert (now.decision, now.due_at) == (None, None)
    await send(corbeau, ruche, corbeau.activity("Delete", note["id"]))
    assert await items(ruche) == []
    done = (await items(ruche, "done"))[0]
    acts = await ruche.read(lambda s: queue.acts(s, item.id))
    assert (done.id, acts[-1].act) == (item.id, "withdrawn")


async def standing_of(hub: Server, who: Peer) -> str:
    """What the directory shows of that member."""
    found = await hub.read(lambda s: standings.of(s, [who.uri], clock.now().date()))
    return found[who.uri][0]


def on_everything(who: Peer, text: str = "Oui.", **more: Any) -> Any:
    """A statement on every commitment of the charter."""
    note = a_statement(who, **more)
    note["charterStatement"]["commitments"] = [
        {"commitment": each.id, "level": "practised", "explanation": {"fr": text}}
        for each in charter().commitments
    ]
    who.serve(note)
    return note


async def test_two_reviewers_attest_and_label(make_server: MakeServer, corbeau: Peer) -> None:
    """Of the version they looked at; a change and its undoing say so at once."""
    hub = await make_server(role="hub", username="ruche", name="La Ruche", reviewers=2)
    await let_in(hub, corbeau)
    note = on_everything(corbeau)
    await send(corbeau, hub, corbeau.activity("Create", note))
    (item,) = await items(hub)
    good = Decision("publish", "meets-criteria", label=True)
    await decide(hub, item, good, ANA)
    assert await standing_of(hub, corbeau) == "declared"
    with pytest.raises(RefusedError, match="another reviewer"):
        await decide(hub, item, good, "operator:ana")
    done = await decide(hub, item, good, BEN, at_once=True)
    assert (done.state, done.by, done.seconded_by) == ("done", ANA, BEN)
    assert await standing_of(hub, corbeau) == "labelled"
    later = clock.stamp(clock.now() + timedelta(seconds=1))
    changed = on_everything(corbeau, "Non.", uri=note["id"], updated=later)
    await send(corbeau, hub, corbeau.activity("Update", changed))
    assert await standing_of(hub, corbeau) == "outdated"
    assert [each.id for each in await items(hub)] != [item.id]
    later = clock.stamp(clock.now() + timedelta(seconds=2))
    back = on_everything(corbeau, uri=note["id"], updated=later)
    await send(corbeau, hub, corbeau.activity("Update", back))
    assert await standing_of(hub, corbeau) == "labelled"
    assert await items(hub) == []


async def test_a_doubt_is_no_attested_standing(ruche: Server, corbeau: Peer) -> None:
    """What is questioned is said in the log, and the standing stays."""
    await let_in(ruche, corbeau)
    note = on_everything(corbeau)
    await send(corbeau, ruche, corbeau.activity("Create", note))
    (item,) = await items(ruche)
    doubt = Decision("publish", "meets-criteria", questioned=("data",))
    await decide(ruche, item, doubt, at_once=True)
    assert await standing_of(ruche, corbeau) == "declared"
    acts = [each.deed for each in await ruche.history(corbeau.uri)]
    assert acts.count("attest") == 1 and "label" not in acts


async def test_an_endorsement_that_is_refused_counts_no_longer(
    ruche: Server, declared: Server, make_server: MakeServer
) -> None:
    """The endorsed reads why, and the standing follows."""
    orme = await make_server(username="orme", name="Orme")
    await let_in_node(ruche, orme)
    await orme_endorses(orme, declared, "data-1")
    await becomes(ruche, declared, "endorsed")
    (item,) = [each for each in await items(ruche) if each.kind == "endorsement"]
    refused = Decision("refuse", "not-verifiable", "Nous n\u2019avons pas pu le vérifier.")
    await decide(ruche, item, refused, at_once=True)
    await becomes(ruche, declared, "declared")
    (line,) = [e for e in await ruche.history(declared.actor_uri) if e.deed == "unendorse"]
    assert (line.by, line.reason) == (ANA, "not-verifiable")

    async def told() -> bool:
        return bool(await declared.rows("SELECT id FROM reviews WHERE act = 'refuse'"))

    await eventually(told)


async def test_evidence_is_looked_at(ruche: Server, corbeau: Peer) -> None:
    """What answers, and what doesn't, without anybody asking."""
    await let_in(ruche, corbeau)
    corbeau.serve(b"<p>Statuts</p>", "/statuts", media="text/html")
    await send(corbeau, ruche, corbeau.activity("Create", a_statement(corbeau)))
    urls = [f"{corbeau.url}/statuts", f"{corbeau.url}/nowhere"]

    async def looked() -> Any:
        found = await ruche.read(lambda s: evidence_checks.of(s, urls))
        return all(each.checked_at for each in found.values()) and found

    found = await eventually(looked)
    assert {url: (each.status, each.outcome) for url, each in found.items()} == {
        urls[0]: (200, "answers"),
        urls[1]: (404, "gone"),
    }


async def test_who_leaves_waits_no_more(ruche: Server, corbeau: Peer) -> None:
    """And what was decided about it meanwhile comes to nothing."""
    item = await asked(ruche, corbeau)
    await decide(ruche, item, GOOD)
    await send(corbeau, ruche, corbeau.activity("Leave", ruche.actor_uri))
    (done,) = await items(ruche, "done")
    assert done.id == item.id
    assert done.due_at is None
    await ruche.quiet()
    assert corbeau.posted("Accept") == []


async def test_what_is_no_longer_possible_is_open_again(quick: Server, corbeau: Peer) -> None:
    """With the cause, for the reviewers."""
    ruche = quick
    number = await ruche.write(lambda s: open_item(s, "join", subject=corbeau.uri))
    item = await ruche.read(lambda s: queue.get(s, number))
    assert item is not None
    await decide(ruche, item, GOOD)
    await eventually(lambda: is_open(ruche, item))
    acts = await ruche.read(lambda s: queue.acts(s, number))
    assert acts[-1].act == "fail" and "there is no entry" in acts[-1].words
    assert [each.id for each in await items(ruche)] == [number]


async def reviewers(hub: Server, *names: str) -> None:
    """Those have accounts that may decide."""

    async def work(session: Any) -> None:
        for name in names:
            await accounts.add(session, name, "reviewer", "fr")
        await accounts.add(session, "zoe", "observer", "fr")

    await hub.write(work)


async def appealed(hub: Server, who: Peer, against: str = "refuse") -> Item:
    """An appeal waits."""
    number = await hub.write(
        lambda s: open_item(s, "appeal", subject=who.uri, facts={"against": against})
    )
    item = await hub.read(lambda s: queue.get(s, number))
    assert item is not None
    return item


NO = Decision("refuse", "other")


async def test_an_appeal_is_judged_by_another(ruche: Server, corbeau: Peer) -> None:
    """Than the one who decided before; who judged an appeal, or took it back, may judge again."""
    await reviewers(ruche, "ana", "ben")
    await decide(ruche, await asked(ruche, corbeau), NO, ANA, at_once=True)
    appeal = await appealed(ruche, corbeau)
    for who in (ANA, "operator:ana"):
        with pytest.raises(RefusedError, match="didn't decide before"):
            await decide(ruche, appeal, NO, who)
    assert (await decide(ruche, appeal, NO, BEN)).state == "decided"
    await ruche.write(lambda s: desk.undo(s, appeal.id, by=BEN))
    assert (await decide(ruche, appeal, NO, BEN, at_once=True)).state == "done"
    again = await appealed(ruche, corbeau)
    assert again.id != appeal.id
    with pytest.raises(RefusedError, match="didn't decide before"):
        await decide(ruche, again, NO, ANA)
    assert (await decide(ruche, again, NO, BEN, at_once=True)).state == "done"
    lines = await ruche.history(corbeau.uri)
    assert [each.facts for each in lines if each.deed == "appeal-dismissed"] == [
        {"against": "refuse"}, {"against": "refuse"},
    ]  # fmt: skip


async def test_who_accepted_may_judge_an_appeal_against_another(
    ruche: Server, corbeau: Peer
) -> None:
    """It is the decision that is contested which one mustn't have made."""
    await reviewers(ruche, "ana", "ben")
    await decide(ruche, await asked(ruche, corbeau), GOOD, ANA, at_once=True)
    await ruche.decide(corbeau.uri, "suspend", "other")
    appeal = await appealed(ruche, corbeau, "suspend")
    with pytest.raises(RefusedError, match="didn't decide before"):
        await decide(ruche, appeal, NO, "operator")
    assert (await decide(ruche, appeal, NO, ANA)).state == "decided"


async def test_where_nobody_else_can_the_log_says_so(ruche: Server, corbeau: Peer) -> None:
    """An appeal doesn't wait forever at a hub of one."""
    await reviewers(ruche, "ana")
    await decide(ruche, await asked(ruche, corbeau), NO, ANA, at_once=True)
    appeal = await appealed(ruche, corbeau)
    assert (await decide(ruche, appeal, NO, ANA, at_once=True)).state == "done"
    (line,) = [e for e in await ruche.history(corbeau.uri) if e.deed == "appeal-dismissed"]
    assert line.facts == {"against": "refuse", "by_decider": True}


async def test_two_judge_an_appeal(make_server: MakeServer, corbeau: Peer) -> None:
    """Who objected to the other may agree later; of four, neither of the two who refused."""
    hub = await make_server(role="hub", username="ruche", name="La Ruche", reviewers=2)
    await reviewers(hub, "ana", "ben", "cleo", "dan")
    item = await asked(hub, corbeau)
    await decide(hub, item, NO, "reviewer:cleo")
    await decide(hub, item, NO, "reviewer:dan", at_once=True)
    appeal = await appealed(hub, corbeau)
    for who in ("reviewer:cleo", "reviewer:dan"):
        with pytest.raises(RefusedError, match="didn't decide before"):
            await decide(hub, appeal, NO, who)
    assert (await decide(hub, appeal, Decision("publish", "mistake"), ANA)).state == "proposed"
    assert (await decide(hub, appeal, NO, BEN)).state == "open"
    assert (await decide(hub, appeal, NO, BEN)).state == "proposed"
    done = await decide(hub, appeal, NO, ANA, at_once=True)
    assert (done.state, done.by, done.seconded_by) == ("done", BEN, ANA)


@pytest.mark.parametrize(
    ("decision", "words"),
    [
        (Decision("publish"), "give a reason"),
        (Decision("refuse", "because"), "choose one of"),
        (Decision("ask", "incomplete", "  "), "write the question"),
        (Decision("ask", "incomplete", "Où ?", commitments=("governance-99",)), "is none of"),
        (Decision("refuse", "other", commitments=("governance-1",)), "doesn't belong"),
        (Decision("publish", "other", questioned=("governance",)), "doesn't belong"),
        (Decision("publish", "other", label=True), "the label goes with"),
        (Decision("refuse", "other", "x" * 4001), "at most 4000"),
        (Decision("later", until="2020-01-01"), "a day to come"),
        (Decision("later", until="soon"), "is no day"),
        (Decision("later", until="9999-01-01"), "within ten years"),
    ],
)
async def test_what_can_not_be_decided(
    decision: Decision, words: str, ruche: Server, corbeau: Peer
) -> None:
    """Each with what is wrong; nothing changes."""
    number = await ruche.write(lambda s: open_item(s, "join", subject=corbeau.uri))
    item = await ruche.read(lambda s: queue.get(s, number))
    assert item is not None
    with pytest.raises(UsageError, match=words):
        await decide(ruche, item, decision)
    assert await ruche.read(lambda s: queue.get(s, number)) == item
