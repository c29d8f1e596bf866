"""The cookie that says whose session a request belongs to, and the token of its forms."""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import urlsplit

from aiohttp import web

from pecfed.domain.account import LONGEST
from pecfed.settings import Settings

MOST = 100  # characters


def name(settings: Settings) -> str:
    """The cookie's name.

    `__Host-` lets no other host set it (RFC 6265bis section 4.1.3.2). That needs https; in
    development the port is part of the name, since cookies of one host are shared by ports.
    """
    if settings.admin.startswith("https://"):
        return "__Host-pecfed"
    return f"pecfed-{urlsplit(settings.admin).port or 80}"


def read(request: web.Request, settings: Settings) -> str:
    """The secret that the browser showed, or ""."""
    return request.cookies.get(name(settings), "")[:MOST]


def put(response: web.StreamResponse, settings: Settings, secret: str) -> None:
    """Give the browser a new session's secret."""
    response.set_cookie(
        name(settings),
        secret,
        max_age=LONGEST // 1000,
        path="/",
        httponly=True,
        samesite="Strict",
        secure=settings.admin.startswith("https://"),
    )


def drop(response: web.StreamResponse, settings: Settings) -> None:
    """Let the browser forget it."""
    response.del_cookie(
        name(settings),
        path="/",
        httponly=True,
        samesite="Strict",
        secure=settings.admin.startswith("https://"),
    )


def form_token(secret: str) -> str:
    """What the forms of a session hold: nobody else can make it, and it opens nothing."""
    made = hmac.digest(secret.encode("utf-8", "surrogatepass"), b"forms", hashlib.sha256)
    return base64.urlsafe_b64encode(made).decode("ascii").rstrip("=")


def is_form_token(secret: str, given: str) -> bool:
    """Whether a form was made for this session."""
    return hmac.compare_digest(form_token(secret).encode(), given.encode("utf-8", "surrogatepass"))
