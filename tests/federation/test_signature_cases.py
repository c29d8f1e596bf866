"""The conformance cases of signatures that come in: S1 to S10, S14 to S16, S20 to S22, D13, D14."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from pecfed.errors import FetchError
from tests import rfc9421
from tests.cast import Letter, Peer, Reply, gmt, new_key, public_pem, sha256_digest
from tests.servers import Server

HS2019 = ("(request-target)", "host", "(created)", "digest")


def follow(who: Peer, hub: Server) -> dict[str, Any]:
    return who.activity("Follow", hub.actor_uri)


async def knock(hub: Server, who: Peer, **how: Any) -> Reply:
    """A Follow, signed after the draft."""
    return await who.send(f"{hub.url}/inbox", follow(who, hub), **how)


async def message(hub: Server, who: Peer, **how: Any) -> Reply:
    """A Follow, signed after RFC 9421."""
    return await who.post(rfc9421.letter(who, f"{hub.url}/inbox", follow(who, hub), **how))


async def followed(hub: Server, reply: Reply, times: int = 1) -> bool:
    """Whether the Follow was taken, and had its effect."""
    await hub.quiet()
    return reply.status == 202 and await hub.value("SELECT count(*) FROM followers") == times


@pytest.mark.case("S1")
async def test_s1_cavage_with_rsa_sha256(ruche: Server, corbeau: Peer) -> None:
    """`(request-target) host date digest`, as most servers sign."""
    names = ("(request-target)", "host", "date", "digest")
    assert await followed(ruche, await knock(ruche, corbeau, names=names))


@pytest.mark.case("S2")
async def test_s2_hs2019_with_created(ruche: Server, corbeau: Peer) -> None:
    """`(created)` in the place of a date."""
    reply = await knock(
        ruche, corbeau, names=HS2019, algorithm="hs2019", parameters={"created": int(time.time())}
    )
    assert await followed(ruche, reply)


@pytest.mark.case("S3")
async def test_s3_created_with_rsa_sha256(ruche: Server, corbeau: Peer) -> None:
    """The draft forbids it."""
    reply = await knock(ruche, corbeau, names=HS2019, parameters={"created": int(time.time())})
    assert (reply.status, reply.code) == (401, "not_covered")


@pytest.mark.case("S4")
@pytest.mark.parametrize("hours", [-2, 2])
async def test_s4_two_hours_off(ruche: Server, corbeau: Peer, hours: int) -> None:
    """Old or ahead, by either scheme."""
    moment = datetime.now(UTC) + timedelta(hours=hours)
    reply = await knock(ruche, corbeau, Date=gmt(moment))
    assert (reply.status, reply.code) == (401, "stale")
    created = {"created": int(moment.timestamp())}
    reply = await message(ruche, corbeau, parameters=created)
    assert (reply.status, reply.code) == (401, "stale")


@pytest.mark.case("S5")
async def test_s5_a_digest_that_is_not_signed(ruche: Server, corbeau: Peer) -> None:
    """The body could be anybody's."""
    reply = await knock(ruche, corbeau, names=("(request-target)", "host", "date"))
    assert (reply.status, reply.code) == (401, "not_covered")


@pytest.mark.case("S6")
async def test_s6_another_bodys_digest_or_none_that_we_know(ruche: Server, corbeau: Peer) -> None:
    """A mismatch, or SHA-512 alone."""
    reply = await knock(ruche, corbeau, Digest=sha256_digest(b"another"))
    assert (reply.status, reply.code) == (401, "digest_mismatch")
    long = base64.b64encode(hashlib.sha512(b"x").digest()).decode()
    reply = await knock(ruche, corbeau, Digest=f"SHA-512={long}")
    assert (reply.status, reply.code) == (401, "digest_missing")


@pytest.mark.case("S7")
@pytest.mark.parametrize("also", ["", ",SHA-512=AAAA"], ids=["lower case", "two digests"])
async def test_s7_digests_as_others_write_them(ruche: Server, corbeau: Peer, also: str) -> None:
    """`sha-256=` in lower case, or beside another one."""
    body = json.dumps(follow(corbeau, ruche)).encode()
    value = sha256_digest(body).replace("SHA", "sha") + also
    assert await followed(ruche, await corbeau.send(f"{ruche.url}/inbox", body, Digest=value))


@pytest.mark.case("S9")
async def test_s9_a_key_that_was_changed(ruche: Server, corbeau: Peer) -> None:
    """The cached key fails: one fetch, and the new one holds, whichever way it signs."""
    await knock(ruche, corbeau)
    await ruche.quiet()
    corbeau.key = new_key()
    corbeau.serve(corbeau.actor())
    ruche.node.limits.refreshed._until.clear()  # five minutes later
    corbeau.got.clear()
    assert await followed(ruche, await message(ruche, corbeau))
    assert corbeau.asked() == 1


@pytest.mark.case("S10")
async def test_s10_a_key_that_stays_wrong(ruche: Server, corbeau: Peer) -> None:
    """401 each time, and its owner is asked once in five minutes, however many knock."""
    await knock(ruche, corbeau)
    await ruche.quiet()
    ruche.node.limits.refreshed._until.clear()
    corbeau.got.clear()
    for number in range(6):
        send = message if number % 2 else knock
        reply = await send(ruche, corbeau, key=new_key())
        assert (reply.status, reply.code) == (401, "signature")
    assert corbeau.asked() == 1


COVERED: dict[str, tuple[str, ...]] = {
    "Mastodon": ("@method", "@target-uri", "content-digest"),
    "Fedify": ("@method", "@target-uri", "@authority", "host", "date", "content-digest"),
    "by its parts": ("@method", "@authority", "@path", "@query", "content-digest"),
    "by its request target": ("@authority", "@request-target", "@scheme", "@method",
                              "content-digest"),
}  # fmt: skip


@pytest.mark.case("S14")
@pytest.mark.parametrize("whose", list(COVERED))
async def test_s14_rfc_9421_with_rsa(ruche: Server, corbeau: Peer, whose: str) -> None:
    """What each covers, with and without `alg`."""
    date = gmt(datetime.now(UTC))
    for number, parameters in enumerate(({}, {"alg": "rsa-v1_5-sha256", "nonce": "a", "tag": "b"})):
        reply = await message(
            ruche, corbeau, covered=COVERED[whose], parameters=parameters, Date=date
        )
        assert reply.status == 202, (number, reply)
    assert await followed(ruche, reply)


@pytest.mark.case("S15")
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"covered": ("@method", "@target-uri")}, "not_covered"),
        ({"parameters": {"created": None}}, "not_covered"),
        ({"covered": ("@target-uri", "content-digest")}, "not_covered"),
        ({"covered": ("@method", "content-digest")}, "not_covered"),
        ({"covered": ("@method", "@authority", "content-digest")}, "not_covered"),
        ({"covered": (*rfc9421.COVERED, "x-nothing")}, "header_missing"),
        ({"covered": (*rfc9421.COVERED, "@method")}, "signature_malformed"),
        ({"covered": (*rfc9421.COVERED, "@status")}, "signature_malformed"),
        ({"covered": (*rfc9421.COVERED, "X-Upper")}, "signature_malformed"),
        ({"parameters": {"keyid": "acct:a@b"}}, "key_id"),
        ({"parameters": {"keyid": None}}, "key_id"),
        ({"parameters": {"alg": "hmac-sha256"}}, "algorithm"),
        ({"parameters": {"alg": "ed25519"}}, "signature"),
        ({"parameters": {"expires": 1}}, "stale"),
        ({"parameters": {"created": "1"}}, "not_covered"),
        ({"parameters": {"created": 10**14}}, "date"),
        ({"Content_Digest": "sha-256=:AAAA:"}, "digest_mismatch"),
        ({"Content_Digest": "sha-512=:AAAA:"}, "digest_missing"),
        ({"Digest": sha256_digest(b"another")}, "digest_mismatch"),
        ({"signed_url": "http://other.example/inbox"}, "signature"),
        ({"method": "PUT"}, "signature"),
    ],
)
async def test_s15_rfc_9421_that_covers_too_little(
    ruche: Server, corbeau: Peer, how: dict[str, Any], code: str
) -> None:
    """401 that says why and how to sign, and no row is changed."""
    before = await ruche.snapshot()
    reply = await message(ruche, corbeau, **how)
    assert (reply.status, reply.code) == (401, code)
    asked = 'sig1=("@method" "@target-uri" "content-digest");created;keyid'
    assert reply.headers["Accept-Signature"] == asked
    assert await ruche.snapshot() == before


async def test_a_query_goes_not_unsigned(ruche: Server, corbeau: Peer) -> None:
    """Neither beside a signed path nor after a signed address."""
    inbox = f"{ruche.url}/inbox"
    for covered in (rfc9421.COVERED, ("@method", "@authority", "@path", "content-digest")):
        letter = rfc9421.letter(corbeau, inbox, follow(corbeau, ruche), covered=covered)
        letter.url += "?a=1"
        reply = await corbeau.post(letter)
        assert (reply.status, reply.code) == (401, "signature"), covered


async def test_of_several_signatures_the_first_with_an_address(
    ruche: Server, corbeau: Peer
) -> None:
    """A proxy's or a client's own signature beside the actor's does no harm."""
    letter = rfc9421.letter(corbeau, f"{ruche.url}/inbox", follow(corbeau, ruche), label="actor")
    other = 'proxy=("@method");created=1;keyid="edge-7"'
    letter.headers["Signature-Input"] = f"{other}, {letter.headers['Signature-Input']}"
    letter.headers["Signature"] = f"proxy=:AAAA:, {letter.headers['Signature']}"
    assert await followed(ruche, await corbeau.post(letter))


@pytest.mark.case("S16")
async def test_s16_rfc_9421_with_ed25519(ruche: Server, corbeau: Peer) -> None:
    """The key stands in `assertionMethod` (FEP-521a)."""
    key = ed25519.Ed25519PrivateKey.generate()
    entry = rfc9421.multikey(corbeau, key)
    corbeau.serve(corbeau.actor(assertionMethod=[entry]))
    for alg in (None, "ed25519"):
        reply = await message(ruche, corbeau, key=key, key_uri=entry["id"], parameters={"alg": alg})
        assert await followed(ruche, reply)
    assert corbeau.asked() == 1
    reply = await message(
        ruche, corbeau, key=ed25519.Ed25519PrivateKey.generate(), key_uri=entry["id"]
    )
    assert reply.status == 401
    wrong = {"alg": "rsa-v1_5-sha256"}
    reply = await message(ruche, corbeau, key=key, key_uri=entry["id"], parameters=wrong)
    assert (reply.status, reply.code) == (401, "signature"), "the key decides, not the header"


async def test_an_rsa_multikey_holds_for_both_schemes(ruche: Server, corbeau: Peer) -> None:
    """A server may publish its RSA key in `assertionMethod` alone."""
    from cryptography.hazmat.primitives import serialization

    der = corbeau.key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.PKCS1
    )
    entry = {
        "id": corbeau.key_uri, "type": "Multikey", "controller": corbeau.uri,
        "publicKeyMultibase": rfc9421.multibase(b"\x85\x24" + der),
    }  # fmt: skip
    corbeau.serve(corbeau.actor(publicKey=None, assertionMethod=entry))
    assert await followed(ruche, await message(ruche, corbeau))
    assert await followed(ruche, await knock(ruche, corbeau))


MULTIKEYS: dict[str, Callable[[Peer, ed25519.Ed25519PrivateKey], Any]] = {
    "another controller": lambda who, key: rfc9421.multikey(
        who, key, controller=f"{who.url}/actors/pie"
    ),
    "no controller": lambda who, key: rfc9421.multikey(who, key, controller=None),
    "an id elsewhere": lambda who, key: rfc9421.multikey(who, key, id="http://a.example/k"),
    "not base58": lambda who, key: rfc9421.multikey(who, key, publicKeyMultibase="z0OIl"),
    "another kind": lambda who, key: rfc9421.multikey(
        who, key, publicKeyMultibase=rfc9421.multibase(b"\xe7\x01" + bytes(33))
    ),
    "too short": lambda who, key: rfc9421.multikey(
        who, key, publicKeyMultibase=rfc9421.multibase(b"\xed\x01" + bytes(31))
    ),
    "very long": lambda who, key: rfc9421.multikey(who, key, publicKeyMultibase="z6" * 20_000),
    "no text": lambda who, key: rfc9421.multikey(who, key, publicKeyMultibase=[1]),
    "a name": lambda who, key: f"{who.uri}#ed25519",
    "the eleventh": lambda who, key: [
        *({"id": f"{who.uri}#k{n}", "controller": who.uri, "publicKeyMultibase": "z"}
          for n in range(10)), rfc9421.multikey(who, key),
    ],
}  # fmt: skip


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("told", list(MULTIKEYS))
async def test_a_multikey_that_is_none(ruche: Server, corbeau: Peer, told: str) -> None:
    """401, and no row."""
    key = ed25519.Ed25519PrivateKey.generate()
    corbeau.serve(corbeau.actor(assertionMethod=MULTIKEYS[told](corbeau, key)))
    before = await ruche.snapshot()
    reply = await message(ruche, corbeau, key=key, key_uri=f"{corbeau.uri}#ed25519")
    assert reply.status == 401 and reply.code in {"key", "signature"}
    assert await ruche.snapshot() == before


async def test_hs2019_with_an_ed25519_key(ruche: Server, corbeau: Peer) -> None:
    """The draft's `hs2019` leaves the algorithm to the key; `rsa-sha256` doesn't."""
    key = ed25519.Ed25519PrivateKey.generate()
    entry = rfc9421.multikey(corbeau, key)
    corbeau.serve(corbeau.actor(assertionMethod=[entry]))
    for algorithm, status in (("rsa-sha256", 401), ("hs2019", 202)):
        letter = corbeau.letter(
            f"{ruche.url}/inbox", follow(corbeau, ruche), algorithm=algorithm, key_uri=entry["id"]
        )
        assert (await corbeau.post(_signed_by(key, letter))).status == status


def _signed_by(key: ed25519.Ed25519PrivateKey, letter: Letter) -> Letter:
    """The same letter, signed by an Ed25519 key."""
    head, _, _ = letter.headers["Signature"].partition('signature="')
    names = head.split('headers="')[1].split('"')[0].split()
    path = letter.url.split("/", 3)[3]
    lines = [
        f"{name}: post /{path}" if name == "(request-target)" else f"{name}: {letter.headers[name]}"
        for name in names
    ]
    value = base64.b64encode(key.sign("\n".join(lines).encode())).decode()
    letter.headers["Signature"] = f'{head}signature="{value}"'
    return letter


@pytest.mark.case("S20")
async def test_s20_a_key_of_another_owner(ruche: Server, corbeau: Peer) -> None:
    """`owner` names another actor, in the actor's document or in the key's own."""
    other = f"{corbeau.url}/actors/pie"
    key = {"id": corbeau.key_uri, "owner": other, "publicKeyPem": public_pem(corbeau.key)}
    corbeau.serve(corbeau.actor(publicKey=key))
    reply = await knock(ruche, corbeau)
    assert (reply.status, reply.code) == (401, "signature")
    own = f"{corbeau.url}/keys/1"
    corbeau.serve(key | {"id": own, "type": "Key"})
    corbeau.serve(corbeau.actor("pie"))
    for actor in (corbeau.uri, other):
        activity = corbeau.activity("Follow", ruche.actor_uri, actor=actor)
        reply = await corbeau.send(f"{ruche.url}/inbox", activity, key_uri=own)
        assert (reply.status, reply.code) == (401, "signature"), "it lists no such key"
    assert await ruche.value("SELECT count(*) FROM followers") == 0


@pytest.mark.case("S21")
async def test_s21_a_key_inside_our_network(ruche: Server, corbeau: Peer, pie: Peer) -> None:
    """The key's address leads to another server (of this machine): it isn't asked, 401.

    That no private address is ever connected to, `test_guard.py` measures at the target.
    """
    corbeau.moved["/actors/corbeau"] = f"{pie.url}/actors/pie"
    reply = await knock(ruche, corbeau)
    assert (reply.status, reply.code) == (401, "key")
    assert pie.got == []
    assert "127.0.0.1" not in reply.text


@pytest.mark.case("S22")
async def test_s22_a_body_of_1_1_megabytes(ruche: Server, corbeau: Peer) -> None:
    """413, by either scheme."""
    body = b'{"a":"' + b"x" * 1_100_000 + b'"}'
    for letter in (
        corbeau.letter(f"{ruche.url}/inbox", body),
        rfc9421.letter(corbeau, f"{ruche.url}/inbox", body),
    ):
        reply = await corbeau.post(letter, chunked=True)
        assert (reply.status, reply.code) == (413, "too_large")


@pytest.mark.case("D13")
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("media", ["application/json", "text/html"])
async def test_d13_what_is_not_served_as_activitypub(
    ruche: Server, corbeau: Peer, media: str
) -> None:
    """An uploaded file doesn't act as an actor."""
    corbeau.serve(corbeau.actor(), media=media)
    with pytest.raises(FetchError) as caught:
        await ruche.node.fetcher.document(corbeau.uri)
    assert caught.value.code == "content_type"


@pytest.mark.case("D14")
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_d14_a_body_of_another_id(ruche: Server, corbeau: Peer, pie: Peer) -> None:
    """Of the same origin it is asked for once, at its id; of another it is refused."""
    corbeau.serve(corbeau.actor(), "/@corbeau")
    corbeau.got.clear()
    found = await ruche.node.fetcher.document(f"{corbeau.url}/@corbeau")
    assert found["id"] == corbeau.uri
    assert [got.path for got in corbeau.got] == ["/@corbeau", "/actors/corbeau"]
    corbeau.serve(pie.actor(), "/@pie")
    with pytest.raises(FetchError) as caught:
        await ruche.node.fetcher.document(f"{corbeau.url}/@pie")
    assert caught.value.code == "id_mismatch" and pie.got == []


async def test_a_key_with_a_document_of_its_own(ruche: Server, corbeau: Peer) -> None:
    """A `Key` at a path whose owner lists it: taken, also from who forwards for another."""
    own = f"{corbeau.url}/keys/1"
    key = {"id": own, "owner": corbeau.uri, "publicKeyPem": public_pem(corbeau.key)}
    corbeau.serve(key | {"type": "Key"})
    corbeau.serve(corbeau.actor(publicKey=key))
    forwarded = corbeau.activity("Follow", ruche.actor_uri, actor="http://a.example/actors/a")
    reply = await corbeau.send(f"{ruche.url}/inbox", forwarded, key_uri=own)
    assert reply.status == 202, reply
    assert await followed(ruche, await knock(ruche, corbeau, key_uri=own))


async def test_a_stub_where_the_key_is(ruche: Server, corbeau: Peer) -> None:
    """GoToSocial serves a part of the actor at `…/main-key`, under the actor's id."""
    own = f"{corbeau.uri}/main-key"
    key = {"id": own, "owner": corbeau.uri, "publicKeyPem": public_pem(corbeau.key)}
    stub = {"id": corbeau.uri, "type": "Person", "preferredUsername": "corbeau", "publicKey": key}
    corbeau.serve(stub, "/actors/corbeau/main-key")
    corbeau.serve(corbeau.actor(publicKey=key))
    forwarded = corbeau.activity("Follow", ruche.actor_uri, actor="http://a.example/actors/a")
    reply = await corbeau.send(f"{ruche.url}/inbox", forwarded, key_uri=own)
    assert reply.status == 202, reply
    assert await followed(ruche, await message(ruche, corbeau, key_uri=own))


async def test_who_does_not_answer_is_asked_to_come_again(ruche: Server, corbeau: Peer) -> None:
    """503 with Retry-After while the key's origin fails; asked once a minute."""
    corbeau.serve(corbeau.actor(), status=502)
    corbeau.got.clear()
    for _ in range(3):
        reply = await knock(ruche, corbeau)
        assert (reply.status, reply.code) == (503, "key_unreachable")
        assert int(reply.headers["Retry-After"]) > 0
    assert corbeau.asked() == 1
    corbeau.serve(corbeau.actor())
    ruche.node.limits.away._until.clear()  # a minute later
    assert await followed(ruche, await knock(ruche, corbeau))
