"""What a listing's address asks for, checked: the same parameters for pages and API."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta

from multidict import MultiMapping

from pecfed import clock
from pecfed.domain.standing import STANDINGS
from pecfed.errors import UsageError
from pecfed.language.charter import charter
from pecfed.language.lists import labels
from pecfed.store.paging import DEFAULT_LIMIT, MAX_LIMIT, Query

MEMBERS = ("q", "membership", "standing", "sector", "legal_form", "country")
EVENTS = ("q", "member", "kind", "status", "working_group", "from", "to")
RESOURCES = ("q", "member", "kind", "license", "openness", "working_group")
ARTICLES = ("q", "member", "kind")
PAGING = ("limit", "cursor")

MEMBERSHIPS = ("member", "invited", "archived")
MAX_TEXT = 2048


def _refuse(name: str, value: str, wanted: str) -> UsageError:
    shown = value if len(value) <= 60 else value[:59] + "…"
    return UsageError(f"{name} {shown!r}: {wanted}", code="bad_parameter")


def _choice(name: str, value: str, choices: tuple[str, ...]) -> str:
    if value not in choices:
        raise _refuse(name, value, f"choose one of {', '.join(choices)}")
    return value


def _groups() -> tuple[str, ...]:
    return tuple(group.id for group in charter().working_groups)


def _country(name: str, value: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{2}", value):
        raise _refuse(name, value, "write the two letters of ISO 3166, as FR")
    return value.upper()


def _language(name: str, value: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,4}", value):
        raise _refuse(name, value, "write a language tag, as fr or en")
    return value.lower()


def _limit(name: str, value: str) -> str:
    if not re.fullmatch(r"[0-9]{1,4}", value) or not 1 <= int(value) <= MAX_LIMIT:
        raise _refuse(name, value, f"write a whole number from 1 to {MAX_LIMIT}")
    return value


def _moment(name: str, value: str) -> str:
    instant(name, value)
    return value


def instant(name: str, value: str) -> int:
    """Milliseconds of a bound: a day (UTC; `to` means its end), or a time with an offset.

    Raises:
        UsageError: it is neither.
    """
    wanted = "write a day, as 2027-05-12, or a time with its offset, as 2027-05-12T18:00:00Z"
    try:
        if "T" in value:
            moment = datetime.fromisoformat(value.replace(" ", "+"))  # a bare + reads as a space
            if moment.tzinfo is None:
                raise _refuse(name, value, wanted)
            return clock.to_ms(moment)
        day = date.fromisoformat(value) + timedelta(days=1 if name == "to" else 0)
        return clock.to_ms(datetime(day.year, day.month, day.day, tzinfo=UTC))
    except (ValueError, OverflowError):
        raise _refuse(name, value, wanted) from None


def _words(name: str, value: str) -> str:
    if len(value) > MAX_TEXT or any(not c.isprintable() for c in value):
        raise _refuse(name, value, "this can't be looked for")
    return value


_CHECKS: Mapping[str, Callable[[str, str], str]] = {
    "membership": lambda name, value: _choice(name, value, MEMBERSHIPS),
    "standing": lambda name, value: _choice(name, value, STANDINGS),
    "sector": lambda name, value: _choice(name, value, tuple(labels("sector"))),
    "legal_form": lambda name, value: _choice(name, value, tuple(labels("legal_form"))),
    "status": lambda name, value: _choice(name, value, tuple(labels("event_status"))),
    "openness": lambda name, value: _choice(name, value, tuple(labels("openness"))),
    "working_group": lambda name, value: _choice(name, value, _groups()),
    "country": _country,
    "lang": _language,
    "limit": _limit,
    "from": _moment,
    "to": _moment,
}


def read(
    asked: MultiMapping[str], known: tuple[str, ...], *, strict: bool, kinds: str = "event_kind"
) -> dict[str, str]:
    """The parameters that were given, checked; empty ones count as not given.

    `strict` refuses what isn't known and what is given twice (the API); pages pass
    over both, since links pick up parameters on their way. `kinds` is the list that
    `kind` is taken from.

    Raises:
        UsageError: naming the parameter, and what would be right.
    """
    found: dict[str, str] = {}
    for name, value in asked.items():
        if name not in known:
            if strict:
                raise _refuse("parameter", name, f"not known here; known are {', '.join(known)}")
            continue
        if name in found:
            if strict:
                raise UsageError(f"{name}: given twice", code="bad_parameter")
            continue
        if value.strip():
            check = _CHECKS.get(name, _words)
            if name == "kind":
                found[name] = _choice(name, value.strip(), tuple(labels(kinds)))
            else:
                found[name] = check(name, value.strip())
    return found


def query(values: Mapping[str, str], *, limit: int = DEFAULT_LIMIT) -> Query:
    """Checked parameters as the store takes them."""
    bounds = {name: instant(name, values[name]) for name in ("from", "to") if name in values}
    return Query(
        today=clock.now().date(),
        limit=int(values.get("limit", limit)),
        cursor=values.get("cursor", ""),
        q=values.get("q", ""),
        member=values.get("member", ""),
        membership=values.get("membership", ""),
        standing=values.get("standing", ""),
        sector=values.get("sector", ""),
        legal_form=values.get("legal_form", ""),
        country=values.get("country", ""),
        kind=values.get("kind", ""),
        license=values.get("license", ""),
        openness=values.get("openness", ""),
        status=values.get("status", ""),
        working_group=values.get("working_group", ""),
        since=bounds.get("from"),
        until=bounds.get("to"),
    )
