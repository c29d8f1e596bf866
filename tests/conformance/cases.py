"""The conformance cases: what another server does or asks, and what must come of it.

The letters stand for discovery (D), signatures (S), activities (A), objects (O), the habits
of other servers (P) and deliveries (R). A number that was given up isn't used again, so
there are gaps. A test says which case it proves: `@pytest.mark.case("S14")`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """One line of the table; `untested` says why no test proves it, where none does."""

    number: str
    given: str
    expected: str
    untested: str = ""


GROUPS = {
    "D": "Discovery",
    "S": "Signatures",
    "A": "Activities",
    "O": "Objects",
    "P": "Habits of other servers",
    "R": "Deliveries",
}

CASES = (
    Case("D1", "WebFinger for `acct:NAME@HOST` in another case", "200, JRD, the plain subject"),
    Case("D2", "WebFinger without `resource`", "400"),
    Case("D3", "WebFinger for nobody here, or for another domain", "404"),
    Case("D4", "WebFinger for an actor's id", "200, the same subject"),
    Case(
        "D5",
        "WebFinger for a name at the node's own host, where handles are on another domain",
        "the subject is on the handle domain; `self` is the actor's id, byte for byte",
    ),
    Case("D6", "GET of host-meta", "200, XRD whose `lrdd` template holds `{uri}`"),
    Case(
        "D7",
        "the links of `/.well-known/nodeinfo`",
        "each has `rel` and `href`; `#Application` leads to the instance actor, unsigned",
    ),
    Case("D8", "NodeInfo 2.1", "keeps to its schema; `usage.users` is there"),
    Case("D9", "an actor, asked for as `application/activity+json`", "JSON, `Vary: Accept`"),
    Case("D10", "… as `application/ld+json` without a profile", "JSON"),
    Case("D11", "… with a profile first and `text/html;q=0.1` last", "JSON"),
    Case("D12", "… as a browser asks", "a page with a link `rel=alternate`"),
    Case("D13", "another server's object as `application/json` or `text/html`", "refused"),
    Case(
        "D14",
        "a document whose `id` isn't the address asked for",
        "its `id` is asked once when it is on the same origin, else refused",
    ),
    Case("D16", "a deleted actor", "410 and a Tombstone; WebFinger 410"),
    Case(
        "D17", "signatures are required on GET, and the instance actor is asked for without", "200"
    ),
    Case("S1", "draft-cavage, `rsa-sha256`: `(request-target) host date digest`", "202"),
    Case("S2", "draft-cavage, `hs2019`, `(created)` in place of `date`", "202"),
    Case("S3", "`(created)` with `rsa-sha256`", "401"),
    Case("S4", "`Date` two hours ago, or two hours ahead", "401"),
    Case("S5", "a POST whose digest isn't signed", "401"),
    Case("S6", "a digest of another body, or `SHA-512=` alone", "401"),
    Case("S7", "`sha-256=` in lower case, or beside another digest", "202"),
    Case("S9", "signed by a new key, while we know the old one", "read anew once, 202"),
    Case("S10", "still wrong after that", "401; not read anew again for a while"),
    Case(
        "S11",
        "the signer isn't the activity's actor, and there is no proof",
        "202; never believed, its origin is asked",
    ),
    Case("S12", "… and the actor's proof (`eddsa-jcs-2022`) holds", "the same"),
    Case("S13", "a proof that holds, by a key of another actor", "refused"),
    Case(
        "S14",
        'RFC 9421, `rsa-v1_5-sha256`, over `"@method" "@target-uri" "content-digest"`, `created`',
        "202",
    ),
    Case("S15", "RFC 9421 on a POST without `content-digest`, or without `created`", "401"),
    Case("S16", "RFC 9421 with an Ed25519 key of `assertionMethod`", "202"),
    Case("S18", "GET of a page of the outbox, signed without the query", "accepted"),
    Case("S19", "our delivery is answered 401", "once more by RFC 9421; remembered for the host"),
    Case("S20", "a key whose `owner` is another actor", "refused"),
    Case(
        "S21",
        "a key at a private address, or behind a redirect to one",
        "never asked for; 401",
    ),
    Case("S22", "a body of 1.1 MB", "413"),
    Case("A1", "Follow", "Accept with the whole Follow in it; one follower"),
    Case("A2", "the same Follow again, or with a new id", "Accept again, still one follower"),
    Case("A3", "Undo with an embedded Follow of another id", "the pair decides: unfollowed"),
    Case("A4", "Undo with the Follow's id alone", "unfollowed"),
    Case(
        "A6",
        "a Mobilizon instance (`relay@…`) follows the instance actor",
        "Accept; later Events are announced to it",
    ),
    Case(
        "A7",
        "Accept of our Follow by id, embedded, or from another actor",
        "taken, taken, passed over",
    ),
    Case("A8", "Reject after Accept", "we follow no more"),
    Case(
        "A9",
        "Create of an object on another host, or attributed to somebody else",
        "passed over",
    ),
    Case("A10", "Create that names its object by id", "fetched from its origin"),
    Case("A11", "an activity that came before", "202, no effect"),
    Case("A12", "Update of something unknown, lately published", "kept as if it were a Create"),
    Case("A13", "Update older than what we have", "passed over"),
    Case("A15", "a Create that comes after its Delete", "not kept"),
    Case("A17", "Delete of a Tombstone, an id or a whole object", "each works"),
    Case(
        "A18",
        "Move to an actor that doesn't, or does, name the old one",
        "passed over; or we follow the new one",
    ),
    Case("A19", "Announce of an object we don't know", "fetched from its origin"),
    Case(
        "A20",
        "Announce of a whole Create by a Group, as Lemmy does",
        "what is inside is checked by itself and is its own author's",
    ),
    Case("A21", "Join of an Event that takes no registrations here", "Ignore"),
    Case("A22", "votes on our Question", "each voter counts once, and only while it is open"),
    Case("A23", "Like, EmojiReact, View, a type that nobody knows", "202"),
    Case(
        "A25",
        "`actor` as an object, `to` as a text, a single `tag`",
        "read as what they mean",
    ),
    Case("A26", "an activity without an id", "400, or its effect without keeping it; no crash"),
    Case(
        "O1",
        "our Note, read by Mastodon's rules",
        "no `summary`; `content`, and `contentMap` with the right language first",
    ),
    Case(
        "O2",
        "our Event, read by Mobilizon's, Gancio's and FEP-8a8e's rules",
        "each takes it: attachments with media types, one place, coordinates with a point",
    ),
    Case("O3", "`type` in whatever we say", "always one text"),
    Case("O4", "our documents, expanded as JSON-LD with inline contexts", "no key is lost"),
    Case("O5", "`featured`", "one page of ids"),
    Case("O6", "corrections of one object", "`updated` rises with each"),
    Case("O7", "a changed profile", "Update of the actor at every follower's shared inbox"),
    Case(
        "P1",
        "GoToSocial refuses a POST as `application/json` (406)",
        "we send `application/activity+json`",
    ),
    Case("P2", 'Misskey: `type` as `["Note", "x"]`', "read as a Note"),
    Case("P3", "Pleroma: `context` and `actor` on objects, EmojiReact", "no harm"),
    Case("P4", "Pixelfed: a Note with a picture and no content", "taken"),
    Case(
        "P5",
        "Friendica: `to` with lists of followers, `diaspora:guid`; Public in three spellings",
        "seen to be public",
    ),
    Case("P6", "Lemmy: Announce of a Create of a Page, `audience`, markdown `source`", "taken"),
    Case("P9", "Gancio: an Event with several places, by an actor without followers", "taken"),
    Case("P10", "WordPress with the Event Bridge: summary and category", "listed"),
    Case(
        "P11",
        "Mastodon: ids such as `/ap/users/123`",
        "an id is never taken apart",
    ),
    Case("R1", "300 followers on three hosts with shared inboxes", "three POSTs"),
    Case("R2", "503 with `Retry-After: 120`", "not again within 120 s"),
    Case("R3", "404 or 410 from an inbox", "not again; the followers behind it are looked at"),
    Case(
        "R4",
        "a host that doesn't answer for days",
        "left alone, until a request from it shows that it is back",
    ),
    Case("R6", "the process is killed while it delivers", "nothing is lost; twice is allowed"),
)

NUMBERS = frozenset(case.number for case in CASES)
