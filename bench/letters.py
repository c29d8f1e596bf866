"""What the load generator sends: activities as a member node writes them, signed ahead of time."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from pecfed import clock
from pecfed.domain.event import Event
from pecfed.domain.place import Place
from pecfed.federation import envelope, signatures
from pecfed.federation.objects import KINDS
from pecfed.language.context import context
from pecfed.language.wire import Document
from pecfed.store.activities import Activity

MEDIA_TYPE = "application/activity+json"
_BASE, _SERIAL = "http://127.0.0.1:1/actors/AUTHOR", "SERIAL"


def new_key() -> bytes:
    """A fresh RSA-2048 key as PEM; the bench's actors share it, each under its own key id."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def private_key(pem: bytes) -> rsa.RSAPrivateKey:
    """The key in a PEM that `new_key` made."""
    key = serialization.load_pem_private_key(pem, None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def public_pem(pem: bytes) -> str:
    """Its public half, as actor documents show it."""
    public = private_key(pem).public_key()
    return public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()


def event(uid: str) -> Event:
    """An event of ordinary size, in two languages."""
    fr = "Chaque membre y a une voix. Au programme : les comptes, les tarifs et deux élections."
    en = "Every member has one vote. On the agenda: the accounts, the fares and two elections."
    return Event(
        uid=uid,
        name={"fr": f"Assemblée générale {uid}", "en": f"General assembly {uid}"},
        start=datetime(2030, 5, 12, 18, tzinfo=UTC),
        end=datetime(2030, 5, 12, 20, tzinfo=UTC),
        timezone="Europe/Paris",
        description={"fr": fr, "en": en},
        place=Place(
            name="La Maison",
            address="1 rue des Communs",
            postal_code="44000",
            city="Nantes",
            country="FR",
            latitude=47.2184,
            longitude=-1.5536,
        ),
        url="https://velo.example/ag",
        working_group="governance-legal",
    )


def _template() -> str:
    """A Create of an event, as a node writes it, with places for its author and number."""
    now, uri = clock.now_ms(), f"{_BASE}/objects/{_SERIAL}"
    content = KINDS["event"].to_wire(event(_SERIAL), uri, _BASE, now, now, "fr")
    intent = Activity(0, f"{_BASE}/creates/{_SERIAL}", 0, "Create", uri, {}, True, now)
    made = envelope.activity(intent, _BASE, envelope.inner(content), kind="event")
    return _json(made)


def _json(document: Document) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def creates(actors: list[str], first: int, count: int) -> list[tuple[str, bytes]]:
    """Authors and bodies of `count` different Creates, by turns from every actor."""
    template = _template()
    found = []
    for number in range(first, first + count):
        actor = actors[number % len(actors)]
        found.append(
            (actor, template.replace(_BASE, actor).replace(_SERIAL, f"n{number}").encode())
        )
    return found


def follows(actors: list[str], target: str) -> list[tuple[str, bytes]]:
    """Authors and bodies of one Follow from each actor."""
    return [
        (
            actor,
            _json(
                {
                    "@context": context("plain"),
                    "id": f"{actor}/follows/1",
                    "type": "Follow",
                    "actor": actor,
                    "object": target,
                }
            ).encode(),
        )
        for actor in actors
    ]


def signed(pem: bytes, inbox_url: str, bodies: list[tuple[str, bytes]]) -> list[bytes]:
    """Whole HTTP/1.1 requests, signed now: good for an hour (the inbox's window is 65 minutes)."""
    key, path = private_key(pem), urlsplit(inbox_url).path

    def one(letter: tuple[str, bytes]) -> bytes:
        actor, body = letter
        headers = signatures.sign(key, f"{actor}#main-key", "POST", inbox_url, clock.now(), body)
        return _request("POST", path, headers, body)

    with ThreadPoolExecutor(2) as threads:  # OpenSSL signs outside Python's lock
        return list(threads.map(one, bodies))


def unsigned(url: str, bodies: list[tuple[str, bytes]]) -> list[bytes]:
    """The same bodies with nothing but what HTTP itself needs."""
    parts = urlsplit(url)
    headers = {"Host": parts.netloc, "Content-Type": MEDIA_TYPE}
    return [_request("POST", parts.path, headers, body) for _, body in bodies]


def get(url: str) -> bytes:
    """A GET that asks for ActivityPub."""
    parts = urlsplit(url)
    return _request("GET", parts.path, {"Host": parts.netloc, "Accept": MEDIA_TYPE}, b"")


def _request(method: str, path: str, headers: dict[str, str], body: bytes) -> bytes:
    if body:
        headers = headers | {"Content-Length": str(len(body))}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body
