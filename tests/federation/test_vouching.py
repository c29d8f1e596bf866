"""Who vouches for whom: endorsements between members, attestations and labels of the hub."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from pecfed import clock
from pecfed.domain.statement import digest
from pecfed.errors import NotFoundError, RefusedError, UsageError
from pecfed.federation import proofs, verify
from pecfed.federation.endorsing import read_statement
from pecfed.federation.keyfiles import public_half
from pecfed.services import attest, endorse, label, setup
from pecfed.store import standings
from pecfed.store.database import Session
from tests.cast import ACTIVITY, AS2, PUBLIC, Peer
from tests.conftest import MakeServer
from tests.federation.conftest import let_in_node
from tests.federation.sending import send
from tests.foreign import a_statement
from tests.servers import Server, eventually

VC = "https://www.w3.org/ns/credentials/v2"
BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
PRINCIPLES = ("governance", "value", "data", "commons", "cooperation")
ALL = dict.fromkeys(PRINCIPLES, "confirmed")
STATEMENT = """
[charter]
version = "2018"
declared = 2026-11-01
valid_until = 2099-11-01
""" + "".join(
    f'[charter.commitments.{name}-1]\nlevel = "practised"\n'
    f'evidence = ["https://lilas.example/{name}.pdf"]\n'
    for name in PRINCIPLES
)
CHANGED = STATEMENT.replace("data.pdf", "data-2.pdf")


@pytest.fixture
def key() -> ed25519.Ed25519PrivateKey:
    """Corbeau's Ed25519 key."""
    return ed25519.Ed25519PrivateKey.generate()


@pytest.fixture
async def proving(member: Peer, ruche: Server, key: ed25519.Ed25519PrivateKey) -> Peer:
    """Corbeau, a member whose document lists that key."""
    multikey = {
        "id": f"{member.uri}#ed25519", "type": "Multikey", "controller": member.uri,
        "publicKeyMultibase": public_half(key),
    }  # fmt: skip
    member.serve(member.actor(assertionMethod=[multikey]))
    await ruche.node.remotes.refresh(member.uri)
    return member


@pytest.fixture
async def declared(ruche: Server, lilas: Server) -> Server:
    """Lilas, a member of la Ruche, whose statement la Ruche has."""
    await let_in_node(ruche, lilas)
    await lilas.apply(STATEMENT)
    await eventually(lambda: has_version(ruche, lilas))
    return lilas


async def has_version(hub: Server, of: Server) -> bool:
    """Whether a hub has the statement that a node shows now."""
    _, value = await own_statement(of)
    return bool(await hub.value("SELECT 1 FROM statement_versions WHERE digest = ?", digest(value)))


async def own_statement(of: Server) -> tuple[str, Mapping[str, Any]]:
    """The statement of a node of ours: its id and value."""
    ((uri, data),) = await of.rows(
        "SELECT uri, data FROM objects WHERE kind = 'statement' AND deleted_at IS NULL"
    )
    return uri, json.loads(data)


async def standing(hub: Server, of: str) -> str:
    """What a hub's API says of a member (by its handle)."""
    async with aiohttp.ClientSession() as http, http.get(f"{hub.url}/api/v1/members/{of}") as it:
        item = await it.json()
        assert it.status == 200, item
        return str(item["standing"])


async def page(hub: Server, of: Server) -> str:
    """A member's page at a hub, in English."""
    url = f"{hub.url}/en/members/{of.handle}"
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        assert answer.status == 200
        return await answer.text()


async def becomes(hub: Server, of: Server, wanted: str) -> None:
    """Wait until a hub says that of a member."""

    async def is_so() -> bool:
        return await standing(hub, of.handle) == wanted

    await eventually(is_so)


async def document(url: str) -> Any:
    """What is served to other servers."""
    async with (
        aiohttp.ClientSession() as http,
        http.get(url, headers={"Accept": ACTIVITY}) as answer,
    ):
        return await answer.json(content_type=None)


async def acts(hub: Server) -> list[str]:
    """What the log has of vouching."""
    rows = await hub.rows(
        "SELECT act FROM log_acts WHERE act IN "
        "('endorse', 'unendorse', 'attest', 'revoke', 'label', 'unlabel') ORDER BY n"
    )
    return [act for (act,) in rows]


async def a_credential(who: Peer, key: Any, of: Server, **changes: Any) -> dict[str, Any]:
    """An endorsement credential, written and signed without our builders; parts may be replaced."""
    uri, value = await own_statement(of)
    subject = {
        "id": of.actor_uri,
        "type": ["EndorsementSubject"],
        "statement": {"id": uri, "digest": digest(value), "charter": "2018"},
    } | changes.pop("subject", {})
    made = {
        "@context": [VC, BADGES],
        "id": f"{who.url}/credentials/1",
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "issuer": {"id": who.uri, "type": ["Profile"], "name": "Corbeau"},
        "validFrom": "2026-11-01T09:00:00Z",
        "validUntil": "2099-11-01T23:59:59Z",
        "credentialSubject": subject,
        "credentialStatus": {
            "type": "BitstringStatusListEntry", "statusPurpose": "revocation",
            "statusListIndex": "7", "statusListCredential": f"{who.url}/credentials/status/1",
        },
    } | changes  # fmt: skip
    return proofs.sign(made, f"{who.uri}#ed25519", key, "2026-11-01T09:00:00Z")


def a_note(who: Peer, credential: Any, uid: str = "endorsement", **more: Any) -> dict[str, Any]:
    """The Note around it."""
    return {
        "@context": AS2,
        "id": f"{who.url}/objects/{uid}",
        "type": "Note",
        "attributedTo": who.uri,
        "to": [PUBLIC],
        "content": "<p>Nous soutenons Lilas.</p>",
        "published": "2026-11-20T09:00:00Z",
        "credential": credential,
    } | more


async def hub_does(hub: Server, deed: Any, **given: Any) -> Any:
    """An act of a hub's reviewers, by their service."""

    async def work(session: Session) -> Any:
        actor = await setup.the_hub(session)
        return await deed(session, hub.node.uris, actor, **given)

    return await hub.write(work)


async def attested(hub: Server, of: Server, **more: Any) -> str:
    """The hub attests what a member declares."""
    given = {"principles": ALL, "by": ["operator"]} | more
    made = await hub_does(hub, attest.attest, settings=hub.settings, name=of.actor_uri, **given)
    return str(made)


async def labelled(hub: Server, of: Server, **more: Any) -> str:
    """The hub gives a member the label."""
    given = {"by": ["operator"]} | more
    made = await hub_does(hub, label.give, settings=hub.settings, name=of.actor_uri, **given)
    return str(made)


async def orme_endorses(orme: Server, lilas: Server, *commitments: str) -> str:
    """Orme reads Lilas' statement over the network and vouches for it."""
    actor = await orme.node.remotes.refresh(lilas.actor_uri)
    uri, statement = await read_statement(orme.node, actor)

    async def work(session: Session) -> str:
        me = await setup.speaker(session, orme.username)
        return await endorse.endorse(
            session, orme.node.uris, me, orme.settings, member=actor, statement_uri=uri,
            statement=statement, commitments=commitments, comment={"fr": "Nous y étions."},
        )  # fmt: skip

    return await orme.write(work)


# ------------------------------------------------------------------ endorsements


async def test_one_node_endorses_another(
    ruche: Server, declared: Server, make_server: MakeServer
) -> None:
    """By a signed Note: the hub counts it and says so, the endorsed reads it, it can end."""
    orme = await make_server(username="orme", name="Orme")
    await let_in_node(ruche, orme)
    note = await orme_endorses(orme, declared, "data-1")
    await becomes(ruche, declared, "endorsed")
    assert await acts(ruche) == ["endorse"]
    facts = await ruche.read(lambda session: standings.facts(session, declared.actor_uri))
    (given,) = facts.endorsements
    assert (given.endorser, given.commitments) == (orme.actor_uri, ("data-1",))
    kind, subject, ref = (
        await ruche.rows("SELECT kind, subject, ref FROM queue WHERE kind = 'endorsement'")
    )[0]
    assert (kind, subject, ref) == ("endorsement", declared.actor_uri, note)

    # it stands at its id, signed by Orme's key; the credential verifies apart from the Note
    served = await document(note)
    owner = await document(orme.actor_uri)
    claimed = verify.credential(served["credential"], owner, clock.now())
    assert (claimed.uri, claimed.subject) == (given.credential, declared.actor_uri)
    proofs.verify(served, proofs.read_keys(owner), clock.now())
    assert "Nous y étions." in served["content"]

    async def told() -> bool:
        rows = await declared.rows(
            "SELECT content FROM messages WHERE actor_uri = ?", orme.actor_uri
        )
        return any("Nous y étions." in text for (text,) in rows)

    await eventually(told)
    shown = await page(ruche, declared)
    assert "1 member vouches for it" in shown and f'href="/en/members/{orme.handle}"' in shown
    assert "Nous y étions." in shown and note in shown
    with pytest.raises(RefusedError) as again:
        await orme_endorses(orme, declared, "data-1")
    assert again.value.code == "known"

    async def end(session: Session) -> int:
        me = await setup.speaker(session, orme.username)
        return await endorse.take_back(session, orme.node.uris, me, declared.actor_uri)

    assert await orme.write(end) == 1
    await becomes(ruche, declared, "declared")
    assert "vouches for it" not in await page(ruche, declared)
    assert await acts(ruche) == ["endorse", "unendorse"]
    with pytest.raises(NotFoundError):
        await orme.write(end)


async def test_an_endorsement_by_other_software(
    ruche: Server, declared: Server, proving: Peer, key: Any
) -> None:
    """It counts once, whatever comes again; without its Note it ends."""
    note = a_note(proving, await a_credential(proving, key, declared))
    create = proving.activity("Create", note)
    assert await send(proving, ruche, create) == "kept"
    assert await standing(ruche, declared.handle) == "endorsed"
    assert await send(proving, ruche, proving.activity("Create", note)) == "known"
    twice = a_note(proving, note["credential"], "second")
    assert await send(proving, ruche, proving.activity("Create", twice)) == "given before"
    other = await a_credential(proving, key, declared, id=f"{proving.url}/credentials/2")
    changed = note | {"credential": other, "updated": "2026-11-21T09:00:00Z"}
    answer = await send(proving, ruche, proving.activity("Update", changed))
    assert answer == "another than was given before"
    assert await acts(ruche) == ["endorse"]
    delete = proving.activity("Delete", note["id"])
    assert await send(proving, ruche, delete) == "withdrawn"
    assert await standing(ruche, declared.handle) == "declared"
    assert await send(proving, ruche, proving.activity("Create", note)) == "withdrawn before"
    assert await send(proving, ruche, proving.activity("Create", twice)) == "given before"
    assert await acts(ruche) == ["endorse", "unendorse"]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"issuer": {"id": "https://pie.example/actors/pie"}}, "not on its issuer's host"),
        ({"id": "https://pie.example/credentials/1"}, "not on its issuer's host"),
        ({"validUntil": "2026-11-02T00:00:00Z"}, "was valid until 2026-11-02"),
        ({"validFrom": "2098-11-02T00:00:00Z"}, "valid only from 2098-11-02"),
        ({"subject": {"id": "SELF"}}, "vouches for itself"),
        ({"subject": {"id": "https://pie.example/actors/pie"}}, "nobody who is listed here"),
        ({"subject": {"commitments": ["commons-2"]}}, "on which nothing is declared"),
        ({"subject": {"commitments": ["no-such-thing"]}}, "breaks its schema"),
        ({"subject": {"endorsementComment": "x" * 2001}}, "breaks its schema"),
        ({"filler": "x" * 33_000}, "too long"),
        ({"credentialStatus": None}, "credentialStatus"),
    ],
)
async def test_an_endorsement_that_is_refused(
    ruche: Server, declared: Server, proving: Peer, key: Any, changes: Any, why: str
) -> None:
    """With a word why; nothing is kept, nothing written down."""
    given = json.loads(json.dumps(changes).replace('"SELF"', json.dumps(proving.uri)))
    note = a_note(proving, await a_credential(proving, key, declared, **given))
    assert why in await send(proving, ruche, proving.activity("Create", note))
    assert await ruche.object(note["id"]) is None
    assert await acts(ruche) == []
    assert await standing(ruche, declared.handle) == "declared"


async def test_an_endorsement_that_was_tampered_with(
    ruche: Server, declared: Server, proving: Peer, key: Any
) -> None:
    """Another text, another key, somebody else's credential."""
    whole = await a_credential(proving, key, declared)
    wider = json.loads(json.dumps(whole))
    wider["credentialSubject"]["statement"]["digest"] = "0" * 64
    forged = await a_credential(proving, ed25519.Ed25519PrivateKey.generate(), declared)
    bare = {name: value for name, value in whole.items() if name != "proof"}
    for credential, why in (
        (wider, "the proof doesn't hold"),
        (forged, "the proof doesn't hold"),
        (bare, "breaks its schema"),
        (whole | {"proof": [whole["proof"]]}, "breaks its schema"),
    ):
        note = a_note(proving, credential)
        assert why in await send(proving, ruche, proving.activity("Create", note))
        assert await ruche.object(note["id"]) is None
    assert await acts(ruche) == []


async def test_a_new_proof_of_the_same(
    ruche: Server, declared: Server, proving: Peer, key: Any
) -> None:
    """After a change of keys a credential is signed anew; it still counts once."""
    credential = await a_credential(proving, key, declared)
    note = a_note(proving, credential)
    assert await send(proving, ruche, proving.activity("Create", note)) == "kept"
    bare = {name: value for name, value in credential.items() if name != "proof"}
    anew = proofs.sign(bare, f"{proving.uri}#ed25519", key, "2026-11-22T09:00:00Z")
    later = note | {"credential": anew, "updated": "2026-11-22T09:00:00Z"}
    assert await send(proving, ruche, proving.activity("Update", later)) == "kept"
    assert await acts(ruche) == ["endorse"]
    assert await standing(ruche, declared.handle) == "endorsed"


async def test_nobody_fills_the_log_with_endorsements(
    ruche: Server, declared: Server, proving: Peer, key: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So many of one member in a day are written down, whether they stand or are taken back."""
    monkeypatch.setattr("pecfed.services.endorse.MOST_IN_A_DAY", 2)
    for number in range(3):
        uri = f"{proving.url}/credentials/{number}"
        made = await a_credential(proving, key, declared, id=uri)
        note = a_note(proving, made, f"endorsement-{number}")
        answer = await send(proving, ruche, proving.activity("Create", note))
        assert answer == ("kept" if number < 2 else "too many in a day")
        await send(proving, ruche, proving.activity("Delete", note["id"]))
    assert await acts(ruche) == ["endorse", "unendorse"] * 2


async def test_only_members_endorse(ruche: Server, declared: Server, pie: Peer, key: Any) -> None:
    """A stranger's word isn't even kept; an applicant's neither."""
    note = a_note(pie, await a_credential(pie, key, declared))
    reply = await pie.send(f"{ruche.actor_uri}/inbox", pie.activity("Create", note))
    assert reply.status == 202
    join = pie.activity("Join", ruche.actor_uri)
    assert await send(pie, ruche, join) == "asked"
    pie.serve(note)
    create = pie.activity("Create", note)
    await send(pie, ruche, create)
    assert await ruche.object(note["id"]) is None
    assert await acts(ruche) == []


async def test_a_statement_that_the_hub_has_not_read_yet(
    ruche: Server, declared: Server, proving: Peer, key: Any
) -> None:
    """Whoever endorses may be faster than the member's own news: then its origin is asked."""
    uri, _ = await own_statement(declared)
    await declared.quiet()
    await ruche.write(
        lambda session: session.run("DELETE FROM statement_versions WHERE object_uri = ?", uri)
    )
    await ruche.write(
        lambda session: session.run("UPDATE objects SET data = replace(data, 'data.pdf', 'old') "
                                    "WHERE uri = ?", uri)
    )  # fmt: skip
    assert not await has_version(ruche, declared)
    note = a_note(proving, await a_credential(proving, key, declared))
    assert await send(proving, ruche, proving.activity("Create", note)) == "kept"
    assert await has_version(ruche, declared)


async def test_a_statement_that_never_was(
    ruche: Server, declared: Server, proving: Peer, key: Any
) -> None:
    """A digest of nothing is passed over after one look."""
    uri, _ = await own_statement(declared)
    statement = {"id": uri, "digest": "0" * 64, "charter": "2018"}
    made = await a_credential(proving, key, declared, subject={"statement": statement})
    answer = await send(proving, ruche, proving.activity("Create", a_note(proving, made)))
    assert answer == "about a statement that isn't here"
    assert await acts(ruche) == []


async def test_who_leaves_vouches_for_nobody(
    ruche: Server, declared: Server, proving: Peer, key: Any
) -> None:
    """Its endorsements end with its membership."""
    note = a_note(proving, await a_credential(proving, key, declared))
    await send(proving, ruche, proving.activity("Create", note))
    assert await standing(ruche, declared.handle) == "endorsed"
    assert await send(proving, ruche, proving.activity("Leave", ruche.actor_uri)) == "left"
    assert await standing(ruche, declared.handle) == "declared"


async def test_nobody_endorses_who_is_nobodys_member(lilas: Server, corbeau: Peer) -> None:
    """Its word would count nowhere; and of somebody without a statement there is nothing to say."""
    corbeau.serve(a_statement(corbeau))
    corbeau.serve(
        {"@context": AS2, "id": f"{corbeau.uri}/featured", "type": "OrderedCollection",
         "orderedItems": [f"{corbeau.url}/objects/statement"]}
    )  # fmt: skip
    corbeau.serve(corbeau.actor(featured=f"{corbeau.uri}/featured"))
    actor = await lilas.node.remotes.refresh(corbeau.uri)
    uri, statement = await read_statement(lilas.node, actor)
    assert statement.member == corbeau.uri

    async def work(session: Session) -> str:
        me = await setup.speaker(session)
        return await endorse.endorse(
            session, lilas.node.uris, me, lilas.settings,
            member=actor, statement_uri=uri, statement=statement,
        )  # fmt: skip

    with pytest.raises(RefusedError) as refused:
        await lilas.write(work)
    assert refused.value.code == "no_membership"
    corbeau.serve(corbeau.actor())
    actor = await lilas.node.remotes.refresh(corbeau.uri)
    with pytest.raises(NotFoundError, match="no statement"):
        await read_statement(lilas.node, actor)


# ------------------------------------------------------------------ attestations, labels


async def test_from_attestation_to_label_and_back(ruche: Server, declared: Server) -> None:
    """The member is told of each by a signed Note; another statement, and it is outdated."""
    with pytest.raises(RefusedError) as early:
        await labelled(ruche, declared)
    assert early.value.code == "not_attested"
    found = await attested(ruche, declared, comment={"fr": "Relu en réunion."})
    assert await standing(ruche, declared.handle) == "attested"
    given = await labelled(ruche, declared)
    assert await standing(ruche, declared.handle) == "labelled"
    assert await acts(ruche) == ["attest", "label"]
    with pytest.raises(RefusedError) as twice:
        await labelled(ruche, declared)
    assert twice.value.code == "known"

    async def messages() -> list[str]:
        rows = await declared.rows(
            "SELECT content FROM messages WHERE actor_uri = ? ORDER BY id", ruche.actor_uri
        )
        return [text for (text,) in rows]

    async def told() -> bool:
        return len(await messages()) == 2

    await eventually(told)
    assert "Relu en réunion." in (await messages())[0]

    # the credentials verify with what the hub's actor lists, apart from everything else
    hub = await document(ruche.actor_uri)
    kinds = {}
    for (uri,) in await ruche.rows(
        "SELECT uri FROM objects WHERE kind IN ('attestation', 'label') ORDER BY id"
    ):
        served = await document(uri)
        claimed = verify.credential(served["credential"], hub, clock.now())
        kinds[claimed.uri] = (claimed.kind, claimed.subject, claimed.attestation)
    assert kinds == {
        found: ("attestation", declared.actor_uri, ""),
        given: ("label", declared.actor_uri, found),
    }

    shown = await page(ruche, declared)
    assert "Relu en réunion." in shown and f'href="/en/label/{declared.handle}"' in shown
    await declared.apply(CHANGED)
    await becomes(ruche, declared, "outdated")
    shown = await page(ruche, declared)
    assert "1 commitment declared otherwise since then" in shown and "data-2.pdf" in shown
    assert "/en/label/" not in shown
    with pytest.raises(RefusedError) as outdated:
        await labelled(ruche, declared)
    assert outdated.value.code == "not_attested"


async def test_what_is_questioned_bears_no_label(ruche: Server, declared: Server) -> None:
    """A second look replaces the first one, and the label can follow."""
    first = await attested(ruche, declared, principles=ALL | {"data": "questioned"})
    assert await standing(ruche, declared.handle) == "declared"
    with pytest.raises(RefusedError):
        await labelled(ruche, declared)
    await attested(ruche, declared)
    assert await acts(ruche) == ["attest", "revoke", "attest"]
    ((revoked,),) = await ruche.rows("SELECT uri FROM credentials WHERE revoked_at IS NOT NULL")
    assert revoked == first
    await labelled(ruche, declared)
    assert await standing(ruche, declared.handle) == "labelled"


async def test_taking_it_back(ruche: Server, declared: Server) -> None:
    """The label alone, then what it rests on; the Notes say so, and the status list."""
    await attested(ruche, declared)
    await labelled(ruche, declared)
    end = {"name": declared.actor_uri, "by": "operator", "reason": "not-verifiable"}
    with pytest.raises(UsageError, match="choose one of"):
        await hub_does(ruche, label.take, **end | {"reason": "because"})
    assert await hub_does(ruche, label.take, **end, message="Nur für uns") == 1
    assert await standing(ruche, declared.handle) == "attested"
    await labelled(ruche, declared)
    assert await hub_does(ruche, attest.revoke, **end) == 2
    assert await standing(ruche, declared.handle) == "declared"
    with pytest.raises(NotFoundError):
        await hub_does(ruche, attest.revoke, **end)
    with pytest.raises(NotFoundError):
        await hub_does(ruche, label.take, **end)
    assert await acts(ruche) == ["attest", "label", "unlabel", "label", "unlabel", "revoke"]
    assert await ruche.value(
        "SELECT count(*) FROM credentials WHERE revoked_at IS NULL"
    ) == 0  # fmt: skip
    ((uri,),) = await ruche.rows("SELECT uri FROM objects WHERE kind = 'attestation'")
    served = await document(uri)
    assert "updated" in served and "no longer stands" in served["contentMap"]["en"]
    public = await ruche.rows("SELECT entry FROM log")
    assert not any("Nur für uns" in entry for (entry,) in public)

    async def told() -> bool:
        rows = await declared.rows(
            "SELECT content FROM messages WHERE actor_uri = ?", ruche.actor_uri
        )
        return sum("ne vaut plus" in text or "ne porte plus" in text for (text,) in rows) == 3

    await eventually(told)


async def test_a_reviewer_looked_at_another_version(ruche: Server, declared: Server) -> None:
    """What was changed meanwhile isn't attested by accident."""
    _, value = await own_statement(declared)
    await declared.apply(CHANGED)
    await eventually(lambda: has_version(ruche, declared))
    with pytest.raises(RefusedError) as refused:
        await attested(ruche, declared, digest=digest(value))
    assert refused.value.code == "statement_changed"
    _, now = await own_statement(declared)
    assert await attested(ruche, declared, digest=digest(now))


async def test_what_a_hub_refuses_to_attest(ruche: Server, declared: Server, member: Peer) -> None:
    """Who is no member, who declares nothing, without reason, without people."""
    for given, code in (
        ({"reason": "because"}, "usage"),
        ({"by": []}, "usage"),
        ({"principles": {"data": "confirmed"}}, "usage"),
        ({"valid_until": "2020-01-01"}, "usage"),
        ({"comment": {"fr": "x" * 2001}}, "usage"),
        ({"name": "nobody@nowhere.example"}, "not_found"),
        ({"name": member.uri}, "no_statement"),
    ):
        arguments: dict[str, Any] = {
            "settings": ruche.settings, "name": declared.actor_uri,
            "principles": ALL, "by": ["operator"],
        }  # fmt: skip
        with pytest.raises((UsageError, RefusedError, NotFoundError)) as refused:
            await hub_does(ruche, attest.attest, **arguments | given)
        assert refused.value.code == code, given
    assert await acts(ruche) == []


async def test_two_reviewers_where_the_setting_asks(
    ruche: Server, declared: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One person, under whatever name, isn't enough; the second one's name stays private."""
    two = replace(ruche.settings, reviewers=2)
    arguments = {"settings": two, "name": declared.actor_uri, "principles": ALL}
    with pytest.raises(RefusedError) as alone:
        await hub_does(ruche, attest.attest, **arguments, by=["operator:ANNE", "operator:ANNE"])
    assert alone.value.code == "reviewers"
    await hub_does(ruche, attest.attest, **arguments, by=["operator:ANNE", "reviewer:BOB"])
    (entry,) = [row for (row,) in await ruche.rows("SELECT entry FROM log") if "attest" in row]
    assert json.loads(entry)["facts"]["reviewers"] == 2
    assert "ANNE" not in entry and "BOB" not in entry


async def test_who_leaves_takes_no_label_along(ruche: Server, declared: Server) -> None:
    """Its credentials are revoked, so that nobody who checks one is misled."""
    await attested(ruche, declared)
    await labelled(ruche, declared)
    await declared.leave(ruche)

    async def revoked() -> bool:
        return bool(
            await ruche.value("SELECT count(*) = 2 FROM credentials WHERE revoked_at IS NOT NULL")
        )

    await eventually(revoked)
