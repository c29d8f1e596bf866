"""Credentials: issued by ours, served with their proof, verified by anybody, revoked."""

from __future__ import annotations

import asyncio
import base64
import copy
import gzip
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from pecfed import clock, settings_file
from pecfed.domain import status_list
from pecfed.domain.about import About
from pecfed.domain.credential import Attestation, Claim, Endorsement, Label
from pecfed.errors import NotFoundError, RefusedError, UsageError
from pecfed.federation import verify
from pecfed.federation.keyfiles import ATTESTATION
from pecfed.services import credentials, keys
from pecfed.services.keys import Made
from tests.servers import Server, eventually
from tests.together.nodes import Ran, call
from tests.vouched import LAST_DAY, document, issued

ABOUT = About(
    member="http://127.0.0.1:9/actors/velo",
    name="Vélo",
    handle="velo@127.0.0.1:9",
    statement="http://127.0.0.1:9/objects/statement",
    digest="a1" * 32,
    charter="2018",
    declared="2026-11-01",
)
CLAIMS: dict[str, Claim] = {
    "endorsement": Endorsement(ABOUT, ("governance-1", "data-2"), "Nous travaillons ensemble."),
    "attestation": Attestation(ABOUT, {"governance": "confirmed", "data": "questioned"}),
    "label": Label(ABOUT, "http://127.0.0.1:9/credentials/one"),
}


@pytest.mark.parametrize("kind", CLAIMS)
async def test_a_credential_is_served_with_its_proof(ruche: Server, kind: str) -> None:
    """With the same bytes each time; the issuer's document lists the key; nobody need sign."""
    made = await issued(ruche, CLAIMS[kind])
    served = await document(ruche, made.uri)
    assert served == await document(ruche, made.uri)
    actor = await document(ruche, ruche.actor_uri)
    claimed = verify.credential(served, actor, clock.now())
    assert (claimed.uri, claimed.kind, claimed.issuer) == (made.uri, kind, ruche.actor_uri)
    assert (claimed.subject, claimed.statement) == (ABOUT.member, ABOUT.statement)
    assert (claimed.digest, claimed.charter) == (ABOUT.digest, "2018")
    assert claimed.key == f"{ruche.actor_uri}#{ATTESTATION}"
    assert claimed.key in [key["id"] for key in actor["assertionMethod"]]
    verify.status(claimed, await document(ruche, claimed.status), actor, clock.now())


async def test_a_members_credential_is_by_its_own_key(lilas: Server) -> None:
    """A member has no attestation key; its node keeps a status list all the same."""
    made = await issued(lilas, CLAIMS["endorsement"])
    served, actor = await document(lilas, made.uri), await document(lilas, lilas.actor_uri)
    claimed = verify.credential(served, actor, clock.now())
    assert claimed.key == f"{lilas.actor_uri}#ed25519-key"
    assert (claimed.commitments, claimed.comment) == (
        ("governance-1", "data-2"),
        "Nous travaillons ensemble.",
    )
    verify.status(claimed, await document(lilas, claimed.status), actor, clock.now())


async def test_a_revoked_credential_says_so(ruche: Server) -> None:
    """And none beside it; revoking twice changes nothing."""
    one, other = await issued(ruche, CLAIMS["label"]), await issued(ruche, CLAIMS["label"])
    actor = await document(ruche, ruche.actor_uri)
    first = await ruche.write(lambda session: credentials.revoke(session, one.uri, "error"))
    again = await ruche.write(lambda session: credentials.revoke(session, one.uri, "other"))
    assert first == again and first.revoked_for == "error"
    for made, says in ((one, "revoked"), (other, "")):
        claimed = verify.credential(await document(ruche, made.uri), actor, clock.now())
        listed = await document(ruche, claimed.status)
        if says:
            with pytest.raises(RefusedError, match=says):
                verify.status(claimed, listed, actor, clock.now())
        else:
            verify.status(claimed, listed, actor, clock.now())
    with pytest.raises(NotFoundError):
        await ruche.write(lambda session: credentials.revoke(session, f"{one.uri}x", ""))


@pytest.mark.parametrize("until", ["2020-01-01", "soon", ""])
async def test_nothing_is_issued_for_a_day_that_is_over(ruche: Server, until: str) -> None:
    """Nor by an actor about itself; and nothing is written."""
    before = await ruche.snapshot()
    with pytest.raises(UsageError):
        await issued(ruche, CLAIMS["label"], until)
    about = About(ruche.actor_uri, "", "", ABOUT.statement, ABOUT.digest, "2018", "2026-11-01")
    with pytest.raises(UsageError, match="itself"):
        await issued(ruche, Endorsement(about))
    assert await ruche.snapshot() == before


def changes(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every way to alter one leaf of a document, or to take a part away, as (path, new value)."""
    if path:
        yield path, None
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from changes(inner, (*path, name))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from changes(inner, (*path, place))
    elif isinstance(value, str) and value:
        for place in sorted({0, len(value) // 2, len(value) - 1}):
            other = "1" if value[place] != "1" else "2"
            yield path, value[:place] + other + value[place + 1 :]
        yield path, f"{value} "


def altered(document: dict[str, Any], path: tuple[Any, ...], new: Any) -> dict[str, Any]:
    """The document with one value changed; None takes it away."""
    made = copy.deepcopy(document)
    at: Any = made
    for step in path[:-1]:
        at = at[step]
    if new is None:
        del at[path[-1]]
    else:
        at[path[-1]] = new
    return made


@pytest.mark.parametrize("kind", CLAIMS)
async def test_one_altered_value_anywhere_is_refused(ruche: Server, kind: str) -> None:
    """In claim, issuer, dates, status or proof: whichever byte of the credential it is."""
    made = await issued(ruche, CLAIMS[kind])
    served, actor = await document(ruche, made.uri), await document(ruche, ruche.actor_uri)
    verify.credential(served, actor, clock.now())
    count = 0
    for path, new in changes(served):
        with pytest.raises(RefusedError):
            verify.credential(altered(served, path, new), actor, clock.now())
        count += 1
    assert count > 100
    added: list[dict[str, Any]] = [
        {"evidence": []},
        {"signature": "x"},
        {"proof": [served["proof"]]},
    ]
    for more in added:
        with pytest.raises(RefusedError):
            verify.credential(served | more, actor, clock.now())


async def test_one_altered_value_of_the_status_list_is_refused(ruche: Server) -> None:
    """As much as of the credential: a list that was tampered with hides no revocation."""
    made = await issued(ruche, CLAIMS["label"])
    served, actor = await document(ruche, made.uri), await document(ruche, ruche.actor_uri)
    claimed = verify.credential(served, actor, clock.now())
    listed = await document(ruche, claimed.status)
    for path, new in changes(listed):
        with pytest.raises(RefusedError):
            verify.status(claimed, altered(listed, path, new), actor, clock.now())
    with pytest.raises(RefusedError, match="anew"):
        verify.status(claimed, listed, actor, clock.now() + timedelta(days=31))


async def test_a_credential_counts_in_its_time_alone(ruche: Server) -> None:
    """To the last second of its last day."""
    made = await issued(ruche, CLAIMS["label"])
    served, actor = await document(ruche, made.uri), await document(ruche, ruche.actor_uri)
    verify.credential(served, actor, clock.from_iso(f"{LAST_DAY}T23:59:59Z"))
    for moment, says in (
        (clock.from_iso(f"{LAST_DAY}T23:59:59Z") + timedelta(seconds=1), "until"),
        (clock.now() - timedelta(days=1), "future"),
    ):
        with pytest.raises(RefusedError, match=says):
            verify.credential(served, actor, moment)


async def test_a_rotation_keeps_what_was_signed(ruche: Server) -> None:
    """A retired key still proves; a revoked one nothing, and what it signed is served anew."""
    made = await issued(ruche, CLAIMS["label"])
    old = await document(ruche, made.uri)

    async def rotate(*, revoke: bool) -> None:
        hub = await ruche.me()
        name, public = ruche.node.keyring.files.make_new(hub.username, "attestation")
        gone = [key.uri for key in hub.keys if key.kind == "attestation"] if revoke else []
        await ruche.write(
            lambda session: keys.rotate(
                session, ruche.node.uris, hub, [Made("attestation", name, public)],
                overlap=0, revoke=gone,
            )
        )  # fmt: skip

    async def fresh() -> dict[str, Any]:
        async def changed() -> dict[str, Any]:
            found = await document(ruche, made.uri)
            known = [key.uri for key in (await ruche.me()).keys if key.state == "current"]
            return found if found["proof"]["verificationMethod"] in known else {}

        return await eventually(changed)

    await rotate(revoke=False)
    second = await fresh()
    assert second["proof"]["verificationMethod"] != old["proof"]["verificationMethod"]
    actor = await document(ruche, ruche.actor_uri)
    for each in (old, second):
        verify.credential(each, actor, clock.now())
    await rotate(revoke=True)
    third = await fresh()
    actor = await document(ruche, ruche.actor_uri)
    verify.credential(third, actor, clock.now())
    for each in (old, second):
        with pytest.raises(RefusedError, match="doesn't list"):
            verify.credential(each, actor, clock.now())


async def test_the_loss_of_every_key_is_survived(ruche: Server) -> None:
    """As docs/operate.md says: one command, and what was issued is served and verified again."""
    made = await issued(ruche, CLAIMS["label"])
    old = await document(ruche, made.uri)
    settings_file.write(ruche.settings)
    folder = ruche.settings.dir

    def lose_and_rotate() -> Ran:
        for path in (folder / "keys").glob("ruche.*.pem"):
            path.unlink()
        return call("keys", "--dir", folder, "rotate")

    ran = await asyncio.to_thread(lose_and_rotate)
    assert ran.code == 0, ran

    async def reissued() -> dict[str, Any]:
        found = await document(ruche, made.uri)
        return found if found["proof"] != old["proof"] else {}

    fresh = await eventually(reissued)
    actor = await document(ruche, ruche.actor_uri)
    for each in (fresh, old):  # a copy somebody has still verifies: the key is lost, not stolen
        claimed = verify.credential(each, actor, clock.now())
        verify.status(claimed, await document(ruche, claimed.status), actor, clock.now())


def test_a_status_list_is_written_as_specified() -> None:
    """The first place is the highest bit of the first byte; 16 KB at least, gzip, base64url."""
    encoded = status_list.encode([0, 9, 131_071])
    text = encoded.removeprefix("u")
    bits = gzip.decompress(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    assert (len(bits), bits[0], bits[1], bits[-1]) == (16_384, 0x80, 0x40, 0x01)
    assert bits == status_list.decode(encoded)
    found = [place for place in range(131_072) if status_list.is_set(bits, place)]
    assert found == [0, 9, 131_071]


def test_the_list_of_the_specification_is_read() -> None:
    """The `encodedList` of Bitstring Status List 1.0, example 2: nobody is revoked."""
    published = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA"
    bits = status_list.decode(published)
    assert bits == bytes(16_384)


def packed(bits: bytes) -> bytes:
    """Bits as a status list holds them, the same whenever they are packed."""
    return gzip.compress(bits, mtime=0)


@pytest.mark.parametrize(
    "encoded",
    [
        "", "u", "uAAAA", "zH4sIAAAA", "u" + "é" * 10,
        "u" + base64.urlsafe_b64encode(packed(bytes(10))).decode(),
        "u" + base64.urlsafe_b64encode(packed(bytes(2_000_000))).decode().rstrip("="),
        "u" + base64.urlsafe_b64encode(packed(bytes(16_384))[:-8]).decode().rstrip("="),
    ],
)  # fmt: skip
def test_a_list_that_is_none_is_refused(encoded: str) -> None:
    """Cut off, too small, a bomb, or of another base."""
    with pytest.raises(ValueError, match="status list"):
        status_list.decode(encoded)


@pytest.mark.parametrize("path", ["x", "status/1", "status/x", "status/99999999999999999999"])
async def test_what_isnt_there_is_told(lilas: Server, path: str) -> None:
    """Never with an error of ours."""
    answer = await lilas.node.client.get(f"{lilas.url}/credentials/{path}", {})
    assert answer.status == 404
