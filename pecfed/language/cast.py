"""The cards in `actors/`: what each kind of actor is called, what it hears and what it may say.

A card grants, it doesn't program: behaviour is in `federation/activities`. A wrong card stops the
program at its start rather than at the first activity.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from pecfed.shipped import shipped


@dataclass(frozen=True, slots=True)
class Card:
    """One kind of actor.

    `name` and `summary` are texts by language; `handle` is a pattern such as
    `{username}@{domain}`; `hears` and `says` hold ActivityStreams activity types.
    """

    kind: str
    type: str
    handle: str
    name: Mapping[str, str]
    summary: Mapping[str, str]
    collections: tuple[str, ...]
    hears: frozenset[str]
    says: frozenset[str]


class WrongCardError(ValueError):
    """A card that isn't there, isn't TOML, or doesn't keep to `actors/card.schema.json`."""


@cache
def kinds() -> tuple[str, ...]:
    """Every kind of actor there is a card for, in alphabetical order."""
    names = (file.name for file in shipped("actors").iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


@cache
def card(kind: str) -> Card:
    """The card of `kind`: "hub", "member", "group" or "instance".

    Raises:
        WrongCardError: there is none, or it is wrong; the message names the file.
    """
    if kind not in kinds():
        raise WrongCardError(f"there is no card actors/{kind}.toml, only {', '.join(kinds())}")
    return read_card(kind, (shipped("actors") / f"{kind}.toml").read_text(encoding="utf-8"))


def read_card(kind: str, text: str) -> Card:
    """The card that `text` (TOML) holds.

    Raises:
        WrongCardError: it isn't a card of `kind`; the message says why.
    """
    place = f"actors/{kind}.toml"
    try:
        data = tomllib.loads(text)
        Draft202012Validator(_schema()).validate(data)
    except tomllib.TOMLDecodeError as error:
        raise WrongCardError(f"{place} is not TOML: {error}") from error
    except ValidationError as error:
        where = "/".join(str(step) for step in error.absolute_path)
        raise WrongCardError(f"{place}: {where + ': ' if where else ''}{error.message}") from error
    if data["kind"] != kind:
        raise WrongCardError(f"{place} is a card of kind {data['kind']!r}")
    return Card(
        kind=kind,
        type=data["type"],
        handle=data["handle"],
        name=data["name"],
        summary=data["summary"],
        collections=tuple(data["collections"]),
        hears=frozenset(data["hears"]),
        says=frozenset(data["says"]),
    )


@cache
def _schema() -> Mapping[str, Any]:
    schema: dict[str, Any] = json.loads(
        (shipped("actors") / "card.schema.json").read_text(encoding="utf-8")
    )
    return schema
