"""Every error pecfed raises on purpose (a leaf room: anyone may import it).

    PecfedError               something went wrong that we have words for
    ├── UsageError            a person asked for what cannot be done as asked (exit code 2)
    ├── RefusedError          an answer of "no" with a reason code (exit code 1, or an HTTP 4xx)
    ├── NotFoundError         there is nothing at that address (404)
    ├── GoneError             there was something, and it was withdrawn (410)
    ├── FetchError            a peer could not be read, says whether a retry helps
    └── StoreError            the database could not keep what it was given (503, retry helps)

Each carries the cause for the log, safe words for the visitor, an HTTP status,
and whether trying the same thing again later can help.
"""

from __future__ import annotations


class PecfedError(Exception):
    """An error with words.

    Args:
        message: the cause, for the log and for the operator.
        safe: words that may be shown to anybody; the message itself when left out.
        status: the HTTP status a door answers with.
        code: a short machine-readable reason, `snake_case`.
        retry: whether the same request can succeed later.
    """

    status = 500
    code = "error"
    retry = False

    def __init__(
        self,
        message: str,
        *,
        safe: str | None = None,
        status: int | None = None,
        code: str | None = None,
        retry: bool | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.safe = message if safe is None else safe
        if status is not None:
            self.status = status
        if code is not None:
            self.code = code
        if retry is not None:
            self.retry = retry


class UsageError(PecfedError):
    """What was asked for cannot be done as asked; the message says what would work."""

    status = 400
    code = "usage"


class RefusedError(PecfedError):
    """A deliberate "no", with its reason code."""

    status = 403
    code = "refused"


class NotFoundError(PecfedError):
    """Nothing stands at that address."""

    status = 404
    code = "not_found"


class GoneError(PecfedError):
    """What stood at that address was withdrawn for good."""

    status = 410
    code = "gone"


class FetchError(PecfedError):
    """A peer could not be read.

    `peer_status` is the HTTP status the peer gave, or None when none arrived.
    """

    status = 502
    code = "fetch_failed"

    def __init__(
        self, message: str, *, code: str, retry: bool, peer_status: int | None = None
    ) -> None:
        super().__init__(message, safe="the other server could not be read", code=code, retry=retry)
        self.peer_status = peer_status

    @property
    def gone(self) -> bool:
        """Whether the origin itself says that nothing is there (any more)."""
        return self.peer_status in {404, 410}


class StoreError(PecfedError):
    """The database could not keep or give what was asked; nothing was half written."""

    status = 503
    code = "store_unavailable"
    retry = True
