"""Passwords: argon2id hashes (RFC 9106), made and checked.

`argon2` is imported at the first password, so that a node without one stays light.
Both functions take tens of milliseconds on purpose: call them in a thread.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argon2 import PasswordHasher

MEMORY = 32 * 1024
"""KiB for one hash: above the floor of 19 MiB (OWASP), and a small machine can spare two."""
PASSES = 3
LANES = 2


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=PASSES, memory_cost=MEMORY, parallelism=LANES)


@cache
def _nobody() -> str:
    """A hash that no password is known for, made once."""
    return _hasher().hash("nobody's password")


def hashed(password: str) -> str:
    """The hash to keep of a password."""
    return _hasher().hash(password)


def is_right(kept: str, password: str) -> bool:
    """Whether that is the password; where none is kept ("") it takes as long to say no."""
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return _hasher().verify(kept or _nobody(), password) and kept != ""
    except (VerificationError, InvalidHashError):
        return False
