"""The closed lists of `vocab/v1/lists.toml`: legal forms, sectors, kinds, openness, statuses.

Each list is a table of ids, in the order to show them, with a label by language.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any

from pecfed.shipped import shipped

Labels = Mapping[str, Mapping[str, str]]


class UnknownListError(KeyError):
    """There is no list of that name."""


@cache
def labels(list_name: str) -> Labels:
    """The ids of a list, each with its label by language: `labels("sector")["food"]["fr"]`.

    Raises:
        UnknownListError: `lists.toml` has no list of that name.
    """
    return {id_: entry["label"] for id_, entry in _list(list_name).items()}


@cache
def list_names() -> tuple[str, ...]:
    """The names of all lists, in the order of the file."""
    return tuple(_all())


@cache
def event_status(id_: str) -> tuple[str, str]:
    """How a status is spelled on the wire, after iCalendar and after FEP-8a8e.

    "cancelled" gives ("CANCELLED", "EventCancelled"); a KeyError for an id not on the list.
    """
    entry = _list("event_status")[id_]
    return str(entry["status"]), str(entry["eventStatus"])


@cache
def _all() -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    return tomllib.loads((shipped("vocab") / "v1" / "lists.toml").read_text(encoding="utf-8"))


def _list(name: str) -> Mapping[str, Mapping[str, Any]]:
    try:
        return _all()[name]
    except KeyError:
        raise UnknownListError(f"there is no list {name!r}, only {', '.join(_all())}") from None
