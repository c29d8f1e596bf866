"""What the cast of the hub is and says: Lilas, Corbeau, and their usual events and resources."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pecfed.domain.event import Event
from pecfed.domain.place import Place
from pecfed.domain.profile import Past, Profile
from pecfed.domain.resource import Resource
from pecfed.domain.statement import Declared, Statement

EVIL = "<script>alert(1)</script>"
SCRIPT_URL = "javascript:alert(1)"
LILAS = "https://lilas.example/actors/lilas"
ORME = "https://orme.example/actors/orme"
CORBEAU = "https://corbeau.example/actors/corbeau"
ANCIENNE = "https://ancienne.example/actors/ancienne"


def statement_of(member: str, valid_until: str = "2027-11-23", **more: Any) -> Statement:
    """A short statement: one commitment practised, one in progress."""
    text = more.get("text", {"fr": "Une personne, une voix.", "en": "One person, one vote."})
    return Statement(
        member=member,
        charter=more.get("charter", "2018"),
        declared="2026-11-16",
        valid_until=valid_until,
        commitments=(
            Declared("governance-1", "practised", text, more.get("evidence", ("https://lilas.example/statuts.pdf",))),
            Declared("data-3", "in-progress", {"fr": "Déménagement prévu avant l’été."}),
        ),
    )  # fmt: skip


def event(uid: str = "ag", **more: Any) -> Event:
    """An evening in Nantes next May."""
    start = datetime.fromisoformat("2027-05-12T18:00:00+02:00")
    values: dict[str, Any] = {
        "uid": uid,
        "name": {"fr": "Assemblée générale", "en": "General assembly"},
        "start": start,
        "end": start + timedelta(hours=2),
        "timezone": "Europe/Paris",
        "description": {"fr": "Comptes et élections.\n\nVoir https://lilas.example/ag."},
        "place": Place(name="La Maison", city="Nantes", postal_code="44000", country="FR"),
        "url": "https://lilas.example/ag",
        "working_group": "governance-legal",
        "source": ("https://lilas.example/agenda",),
    }
    return Event(**values | more)


def resource(uid: str = "statuts", **more: Any) -> Resource:
    """Statutes under a free licence."""
    values: dict[str, Any] = {
        "uid": uid,
        "name": {"fr": "Nos statuts de SCIC"},
        "kind": "statutes",
        "license": "CC-BY-SA-4.0",
        "description": {"fr": "Statuts à cinq collèges."},
        "url": "https://lilas.example/statuts.pdf",
        "version": "2024-03",
        "languages": ("fr",),
        "released": "2024-03-14",
        "authors": ("Lilas",),
        "working_group": "governance-legal",
        "source": ("https://lilas.example/communs",),
    }
    return Resource(**values | more)


def lilas() -> Profile:
    """A member that says everything a member can say."""
    return Profile(
        name="Lilas",
        summary={"fr": "Livraison à vélo.\n\nÀ Nantes.", "en": "Bike delivery.\n\nIn Nantes."},
        url="https://lilas.example",
        legal_form="scic",
        sectors=("mobility", "logistics"),
        languages=("fr", "en"),
        place=Place(name="Nantes", region="Pays de la Loire", country="FR"),
        history=(Past("2022-09", {"fr": "Premiers tours de roue."}, ("https://lilas.example/h",)),),
    )


def corbeau() -> Profile:
    """A member that writes markup and script addresses wherever it can."""
    return Profile(
        name=f"Corbeau{EVIL}",
        summary={"fr": f"Résumé {EVIL}", 'xx"><b>': EVIL},
        url=SCRIPT_URL,
        legal_form=EVIL,
        sectors=(EVIL,),
        languages=(EVIL,),
        place=Place(name=EVIL, address=EVIL, city=EVIL, region=EVIL, country=EVIL),
        history=(Past(EVIL, {"fr": EVIL}, (SCRIPT_URL,)),),
    )
