"""A posted form: read within bounds, and only from our own pages."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qsl

from aiohttp import web
from multidict import MultiDict, MultiDictProxy

from pecfed.errors import RefusedError
from pecfed.http.appkeys import SETTINGS

MOST_BYTES = 512 * 1024
MOST_FIELDS = 2000


def check_from_here(request: web.Request) -> None:
    """Refuse what another site has sent (Fetch Metadata; RFC 6454 section 7).

    Our pages say `no-referrer`, for which browsers write `Origin: null`: that counts only
    beside a `Sec-Fetch-Site`, which no page can write itself. What names neither is no
    browser; it must hold the form's token all the same.

    Raises:
        RefusedError: it is from elsewhere.
    """
    site, said = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    ours = request.app[SETTINGS].admin
    is_here = site == "same-origin" if site is not None else said in {None, ours}
    if not is_here or said not in {None, ours, "null"}:
        raise RefusedError("the form is on another site", code="cross_site")


async def read_form(request: web.Request) -> MultiDictProxy[str]:
    """The fields of a form, in order.

    Raises:
        RefusedError: it is too large, too slow, or no form.
    """
    if request.content_type != "application/x-www-form-urlencoded":
        raise RefusedError("that is no form", status=415, code="content_type")
    body = bytearray()
    try:
        async with asyncio.timeout(request.app[SETTINGS].body_seconds):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > MOST_BYTES:
                    raise RefusedError("the form is too large", status=413, code="too_large")
        fields = parse_qsl(
            body.decode("utf-8"),
            keep_blank_values=True,
            max_num_fields=MOST_FIELDS,
            errors="strict",
        )
    except TimeoutError:
        raise RefusedError("the form took too long", status=408, code="slow_body") from None
    except (ValueError, web.RequestPayloadError):
        raise RefusedError("the form can't be read", status=400, code="bad_form") from None
    if any("\0" in name or "\0" in value for name, value in fields):
        # PostgreSQL knows no such text
        raise RefusedError("the form can't be read", status=400, code="bad_form")
    return MultiDictProxy(MultiDict((name, value.replace("\r\n", "\n")) for name, value in fields))
