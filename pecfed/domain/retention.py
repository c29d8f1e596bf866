"""What is kept and for how long: what `work/prune.py` goes by, and what `/legal` tells people."""

from __future__ import annotations

DAY = 86_400_000  # milliseconds
KEEP_DELIVERED = 8 * DAY
KEEP_ASKED = 2 * DAY
KEEP_STRANGERS = 7 * DAY
KEEP_WAYS = 90 * DAY
KEEP_SAID = 30 * DAY  # what was said of something that was withdrawn
KEEP_MENTIONS = 365 * DAY
KEEP_REPORTS = 365 * DAY  # that are closed
KEEP_LOOKS = 400 * DAY  # at an address that nobody asks about any more
KEEP_NOTICES = 365 * DAY
KEEP_MAILS = 30 * DAY
KEEP_CLAIMS = 365 * DAY  # that nothing proves, once they are dealt with
KEEP_DATA_ASKS = DAY
KEEP_REVIEWS = 1095 * DAY  # three years: as long as a statement can hold
KEEP_ITEMS = 1095 * DAY  # of the reviewers' queue, once they are done
KEEP_DONE = 40 * DAY  # a repeat of anything older fails by its date

TOLD: tuple[tuple[str, int | None], ...] = (
    ("entries", None),
    ("log", None),
    ("follows", None),
    ("replies", KEEP_SAID),
    ("mentions", KEEP_MENTIONS),
    ("reports", KEEP_REPORTS),
    ("letters", KEEP_DONE),
    ("deliveries", KEEP_DELIVERED),
    ("strangers", KEEP_STRANGERS),
    ("reviews", KEEP_REVIEWS),
    ("queue", KEEP_ITEMS),
    ("notices", KEEP_NOTICES),
    ("mails", KEEP_MAILS),
    ("asks", KEEP_CLAIMS),
    ("kept_off", None),
)
"""What people are told of (`legal.kept.NAME`), and for how long, None where words say it."""
