"""What other software publishes: documents written without our code, complete in themselves."""

from __future__ import annotations

from typing import Any

from tests.cast import PUBLIC, Peer


def an_event(who: Peer, uid: str = "ag", **more: Any) -> dict[str, Any]:
    """An event as other software writes it (FEP-8a8e), complete in itself."""
    document = {
        "id": f"{who.url}/objects/{uid}",
        "type": "Event",
        "attributedTo": who.uri,
        "to": [PUBLIC],
        "name": "Assemblée générale",
        "content": "<p>Comptes et élections.</p>",
        "startTime": "2027-05-12T18:00:00+02:00",
        "endTime": "2027-05-12T20:00:00+02:00",
        "published": "2026-11-20T09:00:00Z",
        "location": {"type": "Place", "name": "La Maison", "latitude": 47.2, "longitude": -1.5},
    } | more
    return {term: value for term, value in document.items() if value is not None}


def a_resource(who: Peer, uid: str = "statuts", **more: Any) -> dict[str, Any]:
    """A resource after vocab/v1, written without our code; `resource` may be replaced."""
    return {
        "id": f"{who.url}/objects/{uid}",
        "type": "Note",
        "attributedTo": who.uri,
        "to": [PUBLIC],
        "content": "<p>Nos statuts</p>",
        "published": "2026-11-20T09:00:00Z",
        "resource": {
            "uid": uid,
            "name": {"fr": "Nos statuts"},
            "kind": "statutes",
            "license": "CC-BY-SA-4.0",
            "openness": "public",
        },
    } | more


def a_statement(who: Peer, **more: Any) -> dict[str, Any]:
    """A charter statement after vocab/v1, written without our code."""
    value = {
        "member": who.uri,
        "charter": "2018",
        "declared": "2026-11-20",
        "validUntil": "2027-11-20",
        "commitments": [
            {
                "commitment": "governance-1",
                "level": "practised",
                "explanation": {"fr": "Une personne, une voix."},
                "evidence": ["https://corbeau.example/statuts.pdf"],
            }
        ],
    }
    return {
        "id": f"{who.url}/objects/statement",
        "type": "Note",
        "attributedTo": who.uri,
        "to": [PUBLIC],
        "content": "<p>Notre déclaration</p>",
        "published": "2026-11-20T09:00:00Z",
        "charterStatement": value,
    } | more
