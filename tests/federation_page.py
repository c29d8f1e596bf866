"""The tables of FEDERATION.md, written from the cards and the code: `./run docs`.

Each stands between two marks in the page. The words around them are written by people.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from pathlib import Path

from pecfed.domain import uris
from pecfed.federation import actor_document, client, deliver, receive, signing_rules
from pecfed.federation.objects import GATHERED, KINDS
from pecfed.http import routes
from pecfed.language import cast, wire
from pecfed.language.context import TERMS, vocabulary
from pecfed.settings import BY_NAME

PAGE = Path(__file__).resolve().parent.parent / "FEDERATION.md"
CARDS = ("hub", "member", "group", "instance")
_PLACE = re.compile(r"(<!-- begin: (\w+)[^\n]*-->\n)(.*?)(<!-- end -->)", re.DOTALL)


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table in Markdown."""
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *map(list, rows)]
    page = "".join("| " + " | ".join(line) + " |\n" for line in lines)
    return re.sub(r"\|  (?=\|)", "| ", page)


def ticked(words: Iterable[str]) -> str:
    """`one`, `two`."""
    return ", ".join(f"`{word}`" for word in words)


def actors() -> str:
    """One line for each card."""
    rows = []
    for kind in CARDS:
        card = cast.card(kind)
        address = "/actor" if kind == "instance" else "/actors/NAME"
        rows.append((f"`{address}`", kind, f"`{card.type}`", ticked(card.collections)))
    return table(("address", "card", "type", "collections"), rows)


def addresses() -> str:
    """Every address that other servers use, by method."""
    found: dict[str, list[str]] = {}
    for route in routes.WIRE:
        if "health" not in route.handler.__module__:
            found.setdefault(route.method, []).append(route.path)
    rows = ((f"`{path}`", method) for method, paths in found.items() for path in paths)
    return table(("address", "method"), rows)


def activities() -> str:
    """Who hears (h) and says (s) what."""
    cards = [cast.card(kind) for kind in CARDS]
    words = sorted({word for card in cards for word in card.hears | card.says})
    rows = [
        (f"`{word}`", *("h" * (word in c.hears) + "s" * (word in c.says) for c in cards))
        for word in words
    ]
    return table(("activity", *CARDS), rows)


def objects() -> str:
    """One line for each kind of object."""
    ours = {
        term: json_id
        for term, value in vocabulary().items()
        if (json_id := value if isinstance(value, str) else value.get("@id", "")).startswith("pec:")
    }
    rows = [
        (
            name,
            f"`{kind.type}`",
            ticked(term for term in TERMS[name] if term in ours),
            "yes" if name in GATHERED else "",
        )
        for name, kind in KINDS.items()
    ]
    return table(("kind", "type", "terms of ours", "kept by hubs"), rows)


def bounds() -> str:
    """What is refused because it is too much, too old or in another form."""
    past, future = signing_rules.PAST.total_seconds(), signing_rules.FUTURE.total_seconds()
    body = f"{BY_NAME['body_bytes'].default:,} bytes"
    rows = (
        ("a body, a fetched document", f"{body}, no `Content-Encoding` on a POST"),
        ("a body of an unknown sender", f"{receive.STRANGER_BYTES:,} bytes"),
        ("media type of a POST", ticked(sorted(receive.MEDIA_TYPES))),
        (
            "media type of a fetched document",
            "`application/activity+json`, or `application/ld+json` with ActivityStreams as profile",
        ),
        ("signed", f"at most {past / 60:g} minutes ago, or {future / 60:g} minutes ahead"),
        ("keys of an actor", f"the first {actor_document.MAX_KEYS}, listed by its own document"),
        ("an actor's document", f"{actor_document.MAX_DOCUMENT:,} characters"),
        (
            "JSON",
            f"{wire.MAX_DEPTH} levels, {wire.MAX_NODES:,} values, texts of {wire.MAX_STRING:,} "
            f"characters, whole numbers within ±{wire.MAX_INTEGER:,}, no key twice",
        ),
        ("id", f"{uris.MAX_URI:,} characters, `http` or `https`, on its actor's origin"),
        (
            "fetch",
            f"https on port 443, public addresses, {client.MAX_REDIRECTS} redirects within the "
            f"origin, {BY_NAME['fetch_seconds'].default} s",
        ),
        (
            "a collection",
            f"{BY_NAME['collection_pages'].default} pages, "
            f"{BY_NAME['collection_items'].default} items",
        ),
        (
            "activities of one unknown host",
            f"{BY_NAME['strangers_per_minute'].default:,} a minute",
        ),
        (
            "unknown keys fetched",
            f"{BY_NAME['key_fetches_per_minute'].default:,} a minute, "
            f"{BY_NAME['key_fetches_per_host'].default} of one host",
        ),
    )
    return table(("", "bound"), rows)


def schedule() -> str:
    """What follows from each answer to a delivery."""
    pauses = ", ".join(
        _pause(seconds) if (times := len(list(run))) == 1 else f"{times} × {_pause(seconds)}"
        for seconds, run in groupby(deliver.BACK_OFF)
    )
    final = ", ".join(map(str, sorted(deliver.FINAL)))
    few = ", ".join(map(str, sorted(deliver.FEW_TRIES)))
    rows = (
        ("2xx", "arrived"),
        (f"{final}, redirects", "given up at once"),
        (few, "given up after three tries"),
        ("all else, or none", f"again after {pauses}, each with jitter; then given up"),
        ("`Retry-After`", f"honoured, up to {_pause(deliver.MAX_RETRY_AFTER)}"),
        ("no answer in time", f"{BY_NAME['delivery_seconds'].default} s, as all else"),
    )
    return table(("answer", "what follows"), rows)


def _pause(seconds: int) -> str:
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


TABLES: Mapping[str, Callable[[], str]] = {
    "actors": actors,
    "addresses": addresses,
    "activities": activities,
    "objects": objects,
    "bounds": bounds,
    "schedule": schedule,
}


def places(page: str) -> list[str]:
    """The names of the tables that a page has room for, in order."""
    return [found[1] for found in _PLACE.findall(page)]


def filled(page: str) -> str:
    """The page with each table as the code has it now."""
    return _PLACE.sub(lambda found: f"{found[1]}{TABLES[found[2]]()}{found[4]}", page)


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text("utf-8")), encoding="utf-8")
