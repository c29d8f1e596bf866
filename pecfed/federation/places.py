"""Places on the wire: an ActivityStreams Place with a schema.org address (FEP-8a8e)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pecfed.domain.place import Place
from pecfed.domain.text import clean
from pecfed.language.wire import Document

_ADDRESS = {
    "streetAddress": "address",
    "postalCode": "postal_code",
    "addressLocality": "city",
    "addressRegion": "region",
    "addressCountry": "country",
}


def write_place(place: Place) -> Document:
    """A place on the wire; coordinates are always JSON floats (Mobilizon ignores integers)."""
    document: Document = {"type": "Place", "name": place.name or place.city or place.line()}
    if place.latitude is not None and place.longitude is not None:
        document |= {"latitude": float(place.latitude), "longitude": float(place.longitude)}
    address = {wire: getattr(place, ours) for wire, ours in _ADDRESS.items()}
    parts = {wire: value for wire, value in address.items() if value}
    if parts:
        document["address"] = {"type": "PostalAddress"} | parts
    return document


def read_place(document: Mapping[str, Any]) -> Place:
    """A place of anybody's; what can't be read is left out."""

    def words(value: object, limit: int = 200) -> str:
        return clean(value, limit) if isinstance(value, str) else ""

    def degrees(name: str, most: float) -> float | None:
        value = document.get(name)
        ok = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= most
        return float(value) if ok and value is not None else None

    address = document.get("address")
    parts = {}
    if isinstance(address, Mapping):
        parts = {ours: words(address.get(wire)) for wire, ours in _ADDRESS.items()}
    elif isinstance(address, str):
        parts = {"address": words(address)}
    latitude, longitude = degrees("latitude", 90), degrees("longitude", 180)
    both = latitude is not None and longitude is not None
    return Place(
        name=words(document.get("name")),
        latitude=latitude if both else None,
        longitude=longitude if both else None,
        **parts,
    )
