"""Accounts of the admin pages: names, roles, passwords, and how long a sign-in counts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from pecfed.errors import RefusedError, UsageError

Role = Literal["observer", "reviewer", "operator"]
ROLES: tuple[Role, ...] = ("observer", "reviewer", "operator")
"""From the least to the most: each may do what those before it may."""

MINUTE = 60_000  # milliseconds, as all of these
LINK_COUNTS = 15 * MINUTE
IDLE = 30 * MINUTE
LONGEST = 12 * 60 * MINUTE
CONFIRMED = 5 * MINUTE
CHOOSING = 15 * MINUTE
"""To choose a password after a confirmation: it isn't asked for on a page that would hold it."""
CHALLENGE_COUNTS = 5 * MINUTE

FAILURES_SINCE = 15 * MINUTE
FAILURES_OF_ADDRESS = 10
FAILURES_OF_ACCOUNT = 5
"""Tries of one account from one address: strangers elsewhere don't shut its owner out."""
FAILURES_OF_SESSION = 5
"""Wrong codes in one session."""
FAILURES_OF_CODES = 5
"""Wrong codes of an account after its right password, from wherever they come."""
FAILURES_BEFORE_SLOW = 20
"""Tries of one account from wherever they come; those beyond wait."""
SLOWER = 0.1  # seconds more for each of these
SLOWEST = 3.0

MOST_ACCOUNTS = 200
MOST_PASSKEYS = 10

PASSWORD = (12, 256)
"""The fewest and the most characters of a password (OWASP ASVS 5.0, 6.2)."""

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may enter the admin pages."""

    id: int
    name: str
    role: Role
    language: str


def may(role: Role, least: Role) -> bool:
    """Whether a role reaches that far."""
    return ROLES.index(role) >= ROLES.index(least)


def pause(tries: int) -> float:
    """Seconds that a try waits before it is judged, after so many of that account in all."""
    return min(SLOWEST, SLOWER * max(0, tries - FAILURES_BEFORE_SLOW))


def check_name(text: str) -> str:
    """An account's name in its one spelling, lower case.

    Raises:
        UsageError: it can't be a name.
    """
    name = text.strip().lower()
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{text[:80]!r} can't be an account's name; write up to 64 of a-z, 0-9, '.', '_', '-', "
            "a letter or digit first and last"
        )
    return name


def check_role(text: str) -> Role:
    """A role by its name.

    Raises:
        UsageError: there is no such role.
    """
    for role in ROLES:
        if text == role:
            return role
    raise UsageError(f"{text[:80]!r} is no role; choose one of {', '.join(ROLES)}")


def check_password(text: str, name: str) -> str:
    """A password that somebody wants to have.

    Raises:
        RefusedError: too short or too long, or nothing but the account's name or one
            character again and again; the code says which.
    """
    fewest, most = PASSWORD
    if len(text) > most:
        raise RefusedError("the password is too long", status=400, code="password_long")
    if len(text) < fewest:
        raise RefusedError("the password is too short", status=400, code="password_short")
    if len(set(text)) < 5 or text.lower().replace(name, "") == "":
        raise RefusedError("the password is too plain", status=400, code="password_plain")
    return text
