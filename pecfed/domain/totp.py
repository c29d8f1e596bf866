"""Codes by time (TOTP, RFC 6238): six digits, a new one every 30 seconds."""

from __future__ import annotations

import base64
import binascii
import hmac
from datetime import datetime
from urllib.parse import quote

STEP = 30  # seconds
DIGITS = 6
SECRET_BYTES = 20
"""As long as a SHA-1 digest, as RFC 4226 section 4 recommends."""


def step_of(moment: datetime) -> int:
    """The number of the step that a moment lies in."""
    return int(moment.timestamp()) // STEP


def code(secret: str, step: int) -> str:
    """The code of a step (RFC 4226 section 5.3), `secret` in base32."""
    digest = hmac.digest(_key(secret), step.to_bytes(8, "big"), "sha1")
    at = digest[-1] & 0x0F
    number = int.from_bytes(digest[at : at + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def step_shown(secret: str, given: str, moment: datetime) -> int | None:
    """The step whose code was given, the present one or a neighbour (RFC 6238 section 5.2).

    None where it is no such code. Whoever takes it must see to it that no step counts twice.
    """
    digits = "".join(given.split())
    found = None
    if not (secret and digits.isascii() and digits.isdecimal() and len(digits) == DIGITS):
        return None
    now = step_of(moment)
    for step in (now - 1, now, now + 1):
        if hmac.compare_digest(code(secret, step), digits):
            found = step
    return found


def address(secret: str, name: str, site: str) -> str:
    """What an authenticator reads from a QR code (otpauth, Key Uri Format)."""
    return (
        f"otpauth://totp/{quote(f'{site}:{name}', safe='')}"
        f"?secret={secret}&issuer={quote(site, safe='')}"
    )


def _key(secret: str) -> bytes:
    """The bytes of a base32 secret; none for one that isn't base32."""
    try:
        return base64.b32decode(secret + "=" * (-len(secret) % 8))
    except binascii.Error:
        return b""
