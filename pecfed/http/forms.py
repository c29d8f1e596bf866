"""Small forms of public pages: read within bounds, and only what this site itself has sent."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs

from aiohttp import web

from pecfed.errors import RefusedError
from pecfed.http.appkeys import SETTINGS

MAX_FORM = 8192  # bytes


async def read_form(request: web.Request) -> dict[str, str]:
    """The fields of a small form that this site itself has sent.

    Raises:
        RefusedError: it comes from another site, is too large, too slow, or no form.
    """
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise RefusedError("the form is on another site", code="cross_site")
    if request.content_type != "application/x-www-form-urlencoded":
        raise RefusedError("that is no form", status=415, code="content_type")
    body = b""
    try:
        async with asyncio.timeout(request.app[SETTINGS].body_seconds):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > MAX_FORM:
                    raise RefusedError("the form is too large", status=413, code="too_large")
        fields = parse_qs(body.decode("utf-8"), max_num_fields=10)
    except TimeoutError:
        raise RefusedError("the form took too long", status=408, code="slow_body") from None
    except (ValueError, web.RequestPayloadError):
        raise RefusedError("the form can't be read", status=400, code="bad_form") from None
    return {name: values[0] for name, values in fields.items() if "\0" not in values[0]}
