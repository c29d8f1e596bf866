"""Around every request: the right host, errors in words, security headers.

A person gets a page, a client of `/api/` gets `application/problem+json` (RFC 9457),
a peer of the federation a short JSON reason.
"""

from __future__ import annotations

import json
import logging
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler

from pecfed.errors import FetchError, PecfedError, RefusedError
from pecfed.federation.messages import ACCEPT_SIGNATURE, ACCEPT_SIGNATURE_GET
from pecfed.http.appkeys import SETTINGS
from pecfed.http.language import choose, word
from pecfed.http.negotiate import wants_activity, weights
from pecfed.http.proxies import said_host
from pecfed.http.render import page
from pecfed.settings import Settings

log = logging.getLogger(__name__)

RETRY_SECONDS = 30
WIRE = (
    "inbox", "actor", "actors", "objects", "activities", "credentials", ".well-known", "nodeinfo",
    "ns",
)  # fmt: skip
"""First steps of the paths that other servers use."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

ADMIN_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; "
        "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
"""Of everything under `/admin`, errors too, in place of the others."""


def protect(app: web.Application) -> None:
    """Put all of this around an application."""
    settings = app[SETTINGS]
    always = dict(HEADERS)
    if settings.url.startswith("https://"):
        always["Strict-Transport-Security"] = "max-age=31536000"

    async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
        headers = response.headers
        if _first_step(request) == "admin":
            headers.update(ADMIN_HEADERS)
        for name, value in always.items():
            if name not in headers:
                headers[name] = value
        if "Cross-Origin-Resource-Policy" not in headers:
            shared = _first_step(request) == "api"
            headers["Cross-Origin-Resource-Policy"] = "cross-origin" if shared else "same-origin"
        headers["Server"] = "pecfed"

    app.middlewares.append(guard)
    app.on_response_prepare.append(add_headers)


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer, or say in the reader's own form what went wrong."""
    try:
        if not is_our_host(request, request.app[SETTINGS]):
            return await answer(request, 421, "misdirected", None)
        if "\0" in request.path + request.query_string:
            # PostgreSQL knows no such text
            words = "an address can't hold a NUL character"
            return await answer(request, 400, "bad_request", words)
        return await handler(request)
    except PecfedError as error:
        if error.status >= 500 and not isinstance(error, RefusedError):
            log.error("%s %s: %s", request.method, escaped(request.path), escaped(error.message))
        # an error of ours that was given no safe words may name files and addresses
        safe = error.safe if error.status < 500 or error.safe != error.message else None
        if isinstance(error, FetchError):
            # which of our neighbours can be reached, and which are none of ours to ask, is told
            # to nobody
            return await answer(request, error.status, FetchError.code, safe)
        more = {"Retry-After": str(RETRY_SECONDS)} if error.retry else {}
        if error.status == 401 and _first_step(request) in {*WIRE, "directory"}:
            # how to sign instead (RFC 9421 section 5)
            posted = request.method == "POST"
            more["Accept-Signature"] = ACCEPT_SIGNATURE if posted else ACCEPT_SIGNATURE_GET
        return await answer(request, error.status, error.code, safe, headers=more)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        kept = {name: error.headers[name] for name in ("Allow",) if name in error.headers}
        code = HTTPStatus(error.status).phrase.lower().replace(" ", "_").replace("-", "_")
        return await answer(request, error.status, code, None, headers=kept)
    except Exception:
        log.exception("%s %s failed", request.method, escaped(request.path))
        return await answer(request, 500, "internal_error", None)


def is_our_host(request: web.Request, settings: Settings) -> bool:
    """Whether the request was sent to this node (for `.well-known` also the handle domain).

    With the setting `admin_url` the admin answers at that host alone, and nothing else there.

    Probes ask by whatever address they reach it at.
    """
    if _first_step(request) in {"healthz", "readyz"}:
        return True
    said = said_host(request)
    if settings.admin_url and _is_at(said, settings.admin_url):
        return _first_step(request) in {"admin", "static"}
    if _is_at(said, settings.url):
        return not settings.admin_url or _first_step(request) != "admin"
    scheme = settings.url.partition("://")[0]
    is_known = _first_step(request) == ".well-known"
    return is_known and _is_at(said, f"{scheme}://{settings.handles_host}")


def _is_at(said: str, address: str) -> bool:
    """Whether a `Host` names the place of an address of ours."""
    scheme, _, place = address.partition("://")
    usual = ":443" if scheme == "https" else ":80"
    return said.removesuffix(usual) == place.removesuffix(usual)


def escaped(value: str) -> str:
    """A value from outside as it may stand in the log: on one line, without control characters."""
    return value[:500].encode("unicode_escape").decode("ascii")


def _first_step(request: web.Request) -> str:
    return request.path.lstrip("/").partition("/")[0]


def _for_person(request: web.Request) -> bool:
    """Whether the answer should be a page."""
    step = _first_step(request)
    is_form = request.content_type == "application/x-www-form-urlencoded"
    asks = request.method in {"GET", "HEAD"} or is_form
    if step == "api" or not asks or wants_activity(request):
        return False
    return step not in WIRE or weights(request.headers.get("Accept", "")).get("text/html", 0) > 0


async def answer(
    request: web.Request,
    status: int,
    code: str,
    detail: str | None,
    *,
    headers: dict[str, str] | None = None,
) -> web.Response:
    """An error as a page, as problem JSON or as short JSON, whichever the asker reads.

    `detail` is safe for anybody's eyes; None leaves it to the status.
    """
    phrase = HTTPStatus(status).phrase
    if _first_step(request) == "api":
        problem = {
            "type": "about:blank",
            "title": phrase,
            "status": status,
            "detail": detail or phrase,
            "code": code,
        }
        made = web.Response(
            text=json.dumps(problem, ensure_ascii=False),
            status=status,
            content_type="application/problem+json",
            headers={"Access-Control-Allow-Origin": "*"},
        )
    elif _for_person(request):
        made = await _page(request, status, detail)
    else:
        made = web.json_response({"error": code, "detail": detail or phrase}, status=status)
    made.headers.update(headers or {})
    made.headers["Cache-Control"] = "no-store"
    return made


async def _page(request: web.Request, status: int, detail: str | None) -> web.Response:
    """The error as a page; where even that fails, as one plain sentence."""
    try:
        return await page(request, "error.html", status=status, code=status, detail=detail)
    except Exception:
        log.exception("the error page for %s failed", escaped(request.path))
        language = choose(request, request.app[SETTINGS].language).language
        return web.Response(text=word(language, "error.500.title"), status=status)
