"""What a door refuses: status, short reason, no row changed, nobody asked before it must be."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.cast import SIGNED, Letter, Peer, gmt, sha256_digest
from tests.servers import Server

Make = Callable[[Peer, str], Letter]
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Case:
    """A POST that is refused: how it is made, the answer, and how often its key is asked for."""

    told: str
    status: int
    code: str
    make: Make
    asks: int = 0
    chunked: bool = False


def follow(peer: Peer, inbox: str) -> dict[str, Any]:
    return peer.activity("Follow", inbox.removesuffix("/inbox"))


def signed(**how: Any) -> Make:
    """A Follow, signed like this."""
    return lambda peer, inbox: peer.letter(inbox, follow(peer, inbox), **how)


def carrying(body: Any, **how: Any) -> Make:
    """Anything, signed well."""
    return lambda peer, inbox: peer.letter(inbox, body(peer) if callable(body) else body, **how)


def changed(change: Callable[[Letter], Any], **how: Any) -> Make:
    """A Follow, signed well and changed on its way."""

    def make(peer: Peer, inbox: str) -> Letter:
        letter = peer.letter(inbox, follow(peer, inbox), **how)
        change(letter)
        return letter

    return make


def without(name: str) -> Make:
    return changed(lambda letter: letter.headers.popall(name))


def twice(name: str, value: str) -> Make:
    return changed(lambda letter: letter.headers.add(name, value))


def stamped(age: timedelta) -> Make:
    """Signed that long ago."""

    def make(peer: Peer, inbox: str) -> Letter:
        return signed(Date=gmt(datetime.now(UTC) - age))(peer, inbox)

    return make


def created(**times: timedelta) -> Make:
    """hs2019 with (created) and (expires), so far from now."""

    def make(peer: Peer, inbox: str) -> Letter:
        parameters = {n: int((datetime.now(UTC) + by).timestamp()) for n, by in times.items()}
        names = ("(request-target)", "host", "date", *(f"({n})" for n in times), "digest")
        return signed(names=names, algorithm="hs2019", parameters=parameters)(peer, inbox)

    return make


def lax(letter: Letter) -> None:
    letter.headers["Digest"] = letter.headers["Digest"].replace("=", "=!!", 1)


def elsewhere(peer: Peer, inbox: str) -> Letter:
    """Signed for another inbox of the same host."""
    other = peer.letter(inbox.replace("/inbox", "/other"), follow(peer, inbox))
    return Letter(inbox, other.headers, other.body)


def other_host(peer: Peer, inbox: str) -> Letter:
    """Signed for another host, sent to ours."""
    other = peer.letter(f"http://other.example{urlsplit(inbox).path}", follow(peer, inbox))
    return Letter(inbox, other.headers, other.body)


def lying_host(peer: Peer, inbox: str) -> Letter:
    """The same, with our own name in the Host header."""
    letter = other_host(peer, inbox)
    letter.headers["Host"] = urlsplit(inbox).netloc
    return letter


def of_another_key(peer: Peer, inbox: str) -> Letter:
    from tests.cast import new_key

    return peer.letter(inbox, follow(peer, inbox), key=new_key())


SENSELESS: tuple[tuple[str, bytes, str], ...] = (
    ("not JSON", b"{", "not_json"),
    ("a list", b"[]", "not_an_object"),
    ("not UTF-8", b'{"a":"\xff"}', "not_utf8"),
    ("a key twice", b'{"actor":"a","actor":"b"}', "duplicate_key"),
    ("NaN", b'{"a":NaN}', "number_range"),
    ("2**63", b'{"a":9223372036854775808}', "number_range"),
    ("too deep", b'{"a":' + b"[" * 10_000 + b"]" * 10_000 + b"}", "too_deep"),
    ("too much", b'{"to":[' + b'"a",' * 20_001 + b'"a"]}', "too_many_values"),
    ("a long text", b'{"a":"' + b"x" * 70_000 + b'"}', "text_too_long"),
    ("NUL", b'{"a":"\\u0000"}', "bad_character"),
    ("no type", b'{"actor":"http://a.example/a"}', "not_an_activity"),
    ("a type of another kind", b'{"type":{},"actor":"http://a.example/a"}', "not_an_activity"),
    ("no actor", b'{"type":"Follow"}', "not_an_activity"),
    ("an actor without address", b'{"type":"Follow","actor":"acct:a@b"}', "not_an_activity"),
    ("two actors", b'{"type":"Follow","actor":["http://a.example/a","b"]}', "not_an_activity"),
    ("@graph", b'{"type":"Follow","actor":"http://a.example/a","@graph":[]}', "json_ld"),
    ("@reverse", b'{"type":"C","actor":"http://a.example/a","object":{"@reverse":{}}}', "json_ld"),
)

CASES: tuple[Case, ...] = (
    Case("unsigned", 401, "signature_missing", without("Signature")),
    Case("two signatures", 401, "signature_malformed", twice("Signature", 'keyId="x"')),
    Case("garbage for a signature", 401, "signature_malformed",
         changed(lambda letter: letter.headers.update(Signature="rhubarb"))),
    Case("a parameter twice", 401, "signature_malformed",
         changed(lambda letter: letter.headers.update(
             Signature=letter.headers["Signature"] + ',keyId="http://a.example/"'))),
    Case("an empty signature", 401, "signature_malformed",
         changed(lambda letter: letter.headers.update(
             Signature=letter.headers["Signature"].partition('signature="')[0] + 'signature=""'))),
    Case("a body that was changed", 401, "digest_mismatch",
         changed(lambda letter: setattr(letter, "body", letter.body + b" "))),
    Case("the digest of another body", 401, "digest_mismatch", signed(Digest=sha256_digest(b""))),
    Case("no digest", 401, "header_missing", without("Digest")),
    Case("a digest that isn't signed", 401, "not_covered",
         signed(names=("(request-target)", "host", "date"))),
    Case("an MD5 digest", 401, "digest_missing", signed(Digest="MD5=rL0Y20zC+Fzt72VPzMSk2A==")),
    Case("a SHA-512 digest", 401, "digest_missing", signed(Digest="SHA-512=AAAA")),
    Case("a second digest that is wrong", 401, "digest_mismatch",
         changed(lambda letter: letter.headers.update(
             Digest=f"{letter.headers['Digest']},SHA-256={base64.b64encode(b'x' * 32).decode()}"))),
    Case("base64 with rubbish in it", 401, "digest_mismatch", changed(lax)),
    Case("a Content-Digest that is wrong", 401, "digest_mismatch",
         signed(Content_Digest="sha-256=:AAAA:")),
    Case("two hours old", 401, "stale", stamped(2 * HOUR)),
    Case("two hours ahead", 401, "stale", stamped(-2 * HOUR)),
    Case("a day without a time", 401, "date", signed(Date="2026-11-23")),
    Case("a date without a zone", 401, "date", signed(Date="Mon, 23 Nov 2026 09:00:00")),
    Case("no date", 401, "header_missing", without("Date")),
    Case("a date that isn't signed", 401, "not_covered",
         signed(names=("(request-target)", "host", "digest"))),
    Case("two dates", 401, "header_twice", twice("Date", gmt(datetime.now(UTC)))),
    Case("created in the future", 401, "stale",
         created(created=2 * HOUR)),
    Case("expired", 401, "stale",
         created(created=-HOUR / 2, expires=-HOUR / 3)),
    Case("created after it expires", 401, "stale",
         created(created=HOUR / 2, expires=HOUR / 3)),
    Case("(created) with rsa-sha256", 401, "not_covered",
         signed(names=("(request-target)", "host", "(created)", "digest"),
                parameters={"created": 1})),
    Case("(created) without its value", 401, "date",
         signed(names=("(request-target)", "host", "(created)", "digest"), algorithm="hs2019")),
    Case("no request line", 401, "not_covered", signed(names=("host", "date", "digest"))),
    Case("no host", 401, "not_covered", signed(names=("(request-target)", "date", "digest"))),
    Case("nothing but a date", 401, "not_covered", signed(names=("date",))),
    Case("an empty list of headers", 401, "signature_malformed",
         changed(lambda letter: letter.headers.update(
             Signature=letter.headers["Signature"].replace(" ".join(SIGNED), "")))),
    Case("a signed header that isn't there", 401, "header_missing",
         signed(names=(*SIGNED, "x-nothing"))),
    Case("for another host", 421, "misdirected", other_host),
    Case("for another host under our name", 401, "signature", lying_host, asks=1),
    Case("for another inbox", 401, "signature", elsewhere, asks=1),
    Case("with a query that wasn't signed", 401, "signature",
         changed(lambda letter: setattr(letter, "url", f"{letter.url}?a=1")), asks=1),
    Case("by another key", 401, "signature", of_another_key, asks=1),
    Case("hmac", 401, "algorithm", signed(algorithm="hmac-sha256")),
    Case("none", 401, "algorithm", signed(algorithm="none")),
    Case("rsa-sha1", 401, "algorithm", signed(algorithm="rsa-sha1")),
    Case("ed25519", 401, "algorithm", signed(algorithm="ed25519")),
    *(Case(f"keyId {uri[:12]}", 401, "key_id", signed(key_uri=uri))
      for uri in ("acct:a@b.example", "data:,x", "file:///etc/passwd", "x",
                  "https://a.example/" + "x" * 3000)),
    Case("keyId beyond all bounds", 401, "signature_malformed",
         signed(key_uri="https://a.example/" + "x" * 5000)),
    Case("plain text", 415, "content_type", signed(Content_Type="text/plain")),
    Case("a form", 415, "content_type", signed(Content_Type="application/x-www-form-urlencoded")),
    Case("no type at all", 415, "content_type",
         changed(lambda letter: letter.headers.popall("Content-Type"),
                 names=("(request-target)", "host", "date", "digest"))),
    Case("packed", 415, "content_encoding",
         lambda p, i: p.letter(i, gzip.compress(json.dumps(follow(p, i)).encode()),
                               Content_Encoding="gzip")),
    Case("packed and large", 415, "content_encoding",
         lambda p, i: p.letter(i, gzip.compress(b" " * 5_000_000), Content_Encoding="gzip")),
    Case("too large", 413, "too_large", carrying(b" " * 1_000_001)),
    Case("too large, without saying so", 413, "too_large", carrying(b" " * 1_000_001),
         chunked=True),
    Case("far too large", 413, "too_large", carrying(b" " * 9_000_000), chunked=True),
    *(Case(told, 400, code, carrying(body)) for told, body, code in SENSELESS),
    Case("an id of another host", 403, "not_its_id",
         carrying(lambda p: p.activity("Follow", "x", id="http://lilas.example/1")), asks=1),
)  # fmt: skip


@pytest.mark.parametrize("shared", [True, False], ids=["shared", "own"])
async def test_refused(ruche: Server, corbeau: Peer, shared: bool) -> None:
    """Each bad request gets its status and its reason, and leaves every table as it was."""
    inbox = f"{ruche.url}/inbox" if shared else f"{ruche.actor_uri}/inbox"
    before = await ruche.snapshot()
    wrong = []
    for case in CASES:
        corbeau.got.clear()
        reply = await corbeau.post(case.make(corbeau, inbox), chunked=case.chunked)
        seen = (reply.status, reply.code, corbeau.asked())
        if seen != (case.status, case.code, case.asks):
            wrong.append(f"{case.told}: {seen}, not {(case.status, case.code, case.asks)}")
        elif len(reply.text) > 250 or str(ruche.settings.dir) in reply.text:
            wrong.append(f"{case.told}: says too much: {reply.text[:300]}")
        elif await ruche.snapshot() != before:
            wrong.append(f"{case.told}: changed a row")
            before = await ruche.snapshot()
        ruche.node.remotes.forget(corbeau.uri)
    assert not wrong, "\n".join(wrong)


async def test_an_inbox_of_nobody(ruche: Server, corbeau: Peer) -> None:
    """404, before anything else is looked at."""
    reply = await corbeau.send(f"{ruche.url}/actors/nobody/inbox", corbeau.activity("Follow", "x"))
    assert (reply.status, reply.code) == (404, "not_found")
    assert corbeau.asked() == 0


async def test_a_slow_body_is_given_up(make_server: Any, corbeau: Peer) -> None:
    """One byte now and then doesn't hold a connection for ever."""
    ruche = await make_server(role="hub", username="ruche", body_seconds=1)
    address = urlsplit(ruche.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    letter = corbeau.letter(f"{ruche.url}/inbox", corbeau.activity("Follow", ruche.actor_uri))
    head = "".join(f"{name}: {value}\r\n" for name, value in letter.headers.items())
    writer.write(f"POST /inbox HTTP/1.1\r\n{head}Content-Length: 500\r\n\r\n".encode())
    async with asyncio.timeout(5):
        status = await reader.readline()
        assert b" 408 " in status
    writer.close()
    await writer.wait_closed()
