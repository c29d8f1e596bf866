"""How the API answers: JSON anybody may read from anywhere, with an ETag."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from aiohttp import web

from pecfed.http.appkeys import SETTINGS


def reply(request: web.Request, value: Any, *, language: str) -> web.Response:
    """A value as JSON, or 304 where the asker has it already."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {
        "ETag": tag,
        "Cache-Control": "public, no-cache",  # keep it, but ask each time whether it still holds
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": "ETag",
        "Content-Language": language,
    }
    if _has(request.headers.get("If-None-Match", ""), tag):
        return web.Response(status=304, headers=headers)
    return web.Response(body=body, content_type="application/json", headers=headers)


def _has(header: str, tag: str) -> bool:
    """Whether `If-None-Match` names that tag, compared weakly (RFC 9110 section 8.8.3.2)."""
    opaque = tag.removeprefix("W/")
    named = [part.strip().removeprefix("W/") for part in header[:4000].split(",")]
    return opaque in named or named == ["*"]


def language_of(request: web.Request, values: dict[str, str]) -> str:
    """The language of `name`: `?lang=`, else the node's own."""
    return values.get("lang", request.app[SETTINGS].language)
