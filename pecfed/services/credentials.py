"""An actor of ours issues a credential, or takes one back.

What is written is the credential without its proof: private keys have their home
elsewhere, and the proof is made when the credential is served (`federation/proving.py`).
So a credential whose key was revoked is, from that moment on, served with a proof by the
key that took its place.
"""

from __future__ import annotations

from datetime import date

from pecfed import clock
from pecfed.domain.credential import Claim, Issuing, document
from pecfed.domain.uris import Uris
from pecfed.errors import NotFoundError, UsageError
from pecfed.store import credentials
from pecfed.store.actors import LocalActor
from pecfed.store.credentials import Credential
from pecfed.store.database import Session


async def issue(
    session: Session,
    uris: Uris,
    issuer: LocalActor,
    claim: Claim,
    *,
    valid_until: str,
    language: str,
) -> Credential:
    """Write down what an actor of ours says of a statement; valid from now to the end of that day.

    `valid_until` is an ISO date; `language` (fr or en) is that of the words in it.

    Raises:
        UsageError: that day is none, or over, or the actor would vouch for itself.
    """
    if claim.about.member == issuer.uri:
        raise UsageError(f"{issuer.username} can't vouch for itself")
    now = clock.now_ms()
    today = clock.from_ms(now).date()
    try:
        is_over = date.fromisoformat(valid_until) < today
    except ValueError:
        raise UsageError(f"{valid_until!r} is no day; write it as {today}") from None
    if is_over:
        raise UsageError(f"{valid_until} is over: nothing can be valid until then")
    number, place = await credentials.take_place(session, issuer.id, now)
    uri = uris.new_credential()
    issuing = Issuing(
        uri=uri,
        issuer=issuer.uri,
        issuer_name=issuer.profile.name,
        site=uris.base,
        language=language,
        valid_from=clock.seconds(clock.from_ms(now)),
        valid_until=f"{valid_until}T23:59:59Z",
        status=uris.status_list(number),
        place=place,
    )
    made = Credential(
        uri=uri,
        actor_id=issuer.id,
        kind=claim.kind,
        subject_uri=claim.about.member,
        digest=claim.about.digest,
        document=document(claim, issuing),
        issued_at=now,
        valid_until=valid_until,
        list=number,
        place=place,
    )
    await credentials.add(session, made)
    return made


async def revoke(session: Session, uri: str, reason: str) -> Credential:
    """Take back a credential of ours for good; its status says so from now on.

    One that is revoked already stays as it is.

    Raises:
        NotFoundError: we issued none with that id.
    """
    found = await credentials.by_uri(session, uri, hold=True)
    if found is None:
        raise NotFoundError(f"there is no credential {uri!r} here")
    if found.revoked_at is None:
        await credentials.revoke(session, found, clock.now_ms(), reason)
        found = await credentials.by_uri(session, uri)
        assert found is not None
    return found
