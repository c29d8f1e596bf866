"""What Mastodon wants of a draft-cavage signature (section 2.2 of the interoperability notes).

Whether the value holds is for others to say (test_active_boxes.py).
"""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from tests.cast import Got

ALGORITHMS = {"rsa-sha256", "hs2019"}
LONGEST = timedelta(hours=12)
USUAL = timedelta(minutes=5)
SKEW = timedelta(hours=1)


def lacks(got: Got, now: datetime) -> str:
    """What is missing or wrong in a request's signature, "" when nothing is."""
    header = got.headers.get("Signature", "").removeprefix("Signature ")
    found = re.findall(r'([A-Za-z]+)=(?:"([^"]*)"|([0-9]+))', header)
    values = {name: text or number for name, text, number in found}
    if len(values) != len(found) or not {"keyId", "signature"} <= values.keys():
        return "keyId and signature, once each"
    algorithm = values.get("algorithm", "hs2019")
    if algorithm not in ALGORITHMS:
        return "the algorithm"
    default = "(created)" if algorithm == "hs2019" else "date"
    signed = set(values.get("headers", default).lower().split())
    if algorithm == "rsa-sha256" and signed & {"(created)", "(expires)"}:
        return "(created) and (expires) are for hs2019"
    strong = {
        "date or (created)": {"date", "(created)"},
        "digest or (request-target)": {"digest", "(request-target)"},
        "digest": {"digest"} if got.method == "POST" else set(),
        "host": {"host"} if got.method == "GET" else set(),
    }
    for name, wanted in strong.items():
        if wanted and not signed & wanted:
            return f"a signed {name}"
    return _wrong_time(got, values, signed, now) or _wrong_digest(got)


def _wrong_time(got: Got, values: dict[str, str], signed: set[str], now: datetime) -> str:
    """From 65 minutes ago to an hour ahead; what names its end may live for twelve hours."""
    if "(created)" in signed:
        created = datetime.fromtimestamp(int(values.get("created", "0")), UTC)
    else:
        created = parsedate_to_datetime(got.headers["Date"])
    expires = created + USUAL
    if "expires" in values:
        expires = min(datetime.fromtimestamp(int(values["expires"]), UTC), created + LONGEST)
    return "" if created <= now + SKEW and expires >= now - SKEW else "a date of today"


def _wrong_digest(got: Got) -> str:
    """One of the digests is SHA-256, in any spelling, and the body's."""
    if got.method != "POST":
        return ""
    wanted = base64.b64encode(hashlib.sha256(got.body).digest()).decode()
    given = [part.strip().partition("=") for part in got.headers.get("Digest", "").split(",")]
    held = {value for name, _, value in given if name.lower() == "sha-256"}
    return "" if wanted in held else "the body's digest"
