"""Is a credential what it says? Pure: what is asked of others stands in `federation/verdict.py`.

W3C VC Data Model 2.0 sections 4 and 7.1, Data Integrity's eddsa-jcs-2022, Bitstring
Status List section 3.2. The issuer's keys are those that its own document lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from pecfed import clock
from pecfed.domain import status_list
from pecfed.domain.credential import FINDINGS, VC, Kind
from pecfed.domain.text import clean
from pecfed.domain.uris import is_plain, origin, same_origin
from pecfed.errors import RefusedError
from pecfed.federation import proofs

MOST = 100
"""Commitments or principles in one credential."""
MAX_COMMENT = 5000


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a credential says; `key` is the id of the key that its proof is by.

    `principles` is what was found of each; `attestation` is that of a label, "" otherwise.
    """

    uri: str
    kind: Kind
    issuer: str
    subject: str
    statement: str
    digest: str
    charter: str
    valid_from: datetime
    valid_until: datetime
    status: str
    place: int
    commitments: tuple[str, ...] = ()
    comment: str = ""
    principles: Mapping[str, str] = field(default_factory=dict)
    attestation: str = ""
    key: str = ""


def read(document: Mapping[str, Any]) -> Claimed:
    """What a credential of ours says, whoever wrote it; nothing of it is proved yet.

    Raises:
        RefusedError: it is no credential of a kind we know, or can't be read in one way only.
    """
    context = document.get("@context")
    if not isinstance(context, list) or not context or context[0] != VC:
        raise _no("shape", f"its @context doesn't begin with {VC}")
    types, subject = document.get("type"), _mapping(document, "credentialSubject")
    statement = _mapping(subject, "statement")
    kind = _kind(types, subject)
    issuer = _mapping(document, "issuer")
    entry = _mapping(document, "credentialStatus")
    if (
        entry.get("type") != "BitstringStatusListEntry"
        or entry.get("statusPurpose") != "revocation"
    ):
        raise _no("shape", "its credentialStatus is no entry for revocation in a status list")
    uri, issuer_uri = _address(document, "id"), _address(issuer, "id")
    status = _address(entry, "statusListCredential")
    for name, address in (("id", uri), ("status list", status)):
        if not same_origin(address, issuer_uri):
            raise _no("origin", f"its {name} is not on its issuer's host")
    subject_uri = _address(subject, "id")
    if subject_uri == issuer_uri:
        raise _no("own", "its issuer vouches for itself")
    return Claimed(
        uri=uri,
        kind=kind,
        issuer=issuer_uri,
        subject=subject_uri,
        statement=_address(statement, "id"),
        digest=_digest(statement),
        charter=_word(statement, "charter"),
        valid_from=_time(document, "validFrom"),
        valid_until=_time(document, "validUntil"),
        status=status,
        place=_place(entry),
        commitments=_commitments(subject),
        comment=_comment(subject),
        principles=_principles(subject) if kind == "attestation" else {},
        attestation=_address(subject, "attestation") if kind == "label" else "",
    )


def credential(document: Mapping[str, Any], issuer: Mapping[str, Any], now: datetime) -> Claimed:
    """Verify a credential with its issuer's own document: who says it, unaltered, in its time.

    Whether it was revoked says its status list (`status`).

    Raises:
        RefusedError: anything about it is wrong or can't be told; in words for people.
    """
    claimed = read(document)
    key = signature(document, claimed.issuer, issuer, now)
    dates(claimed, now)
    return replace(claimed, key=key)


def signature(
    document: Mapping[str, Any], issuer_uri: str, issuer: Mapping[str, Any], now: datetime
) -> str:
    """The id of the key that a document is signed with, one of its issuer's.

    Raises:
        RefusedError: the document given is another's, or the proof doesn't hold.
    """
    if issuer.get("id") != issuer_uri:
        raise _no("issuer", "the keys are those of somebody else than its issuer")
    found = document.get("proof")
    if not isinstance(found, Mapping):
        raise _no("no_proof", "it has no proof, or several")
    if "signature" in document:
        raise _no("unsigned", "it says something (signature) that nobody signed")
    if "@context" not in found:
        raise _no("proof_context", "its proof doesn't say in which context it was made")
    if found.get("@context") != document.get("@context"):
        raise _no("proof_context", "its @context is not the one that was signed")
    return proofs.verify(document, proofs.read_keys(issuer), now)


def keys_of(issuer: Mapping[str, Any]) -> list[str]:
    """The ids of the keys that an actor lists for what it signs."""
    return list(proofs.read_keys(issuer))


def dates(claimed: Claimed, now: datetime) -> None:
    """Whether a credential is valid at that moment.

    Raises:
        RefusedError: not yet, or no more.
    """
    if now < claimed.valid_from - proofs.FUTURE:
        raise _no("not_yet", f"it is valid only from {claimed.valid_from:%Y-%m-%d %H:%M} UTC")
    if now > claimed.valid_until:
        raise _no("expired", f"it was valid until {claimed.valid_until:%Y-%m-%d}")


def status(
    claimed: Claimed, listed: Mapping[str, Any], issuer: Mapping[str, Any], now: datetime
) -> None:
    """Whether a credential still counts, by the status list it names.

    Raises:
        RefusedError: it is revoked, or the list can't be believed.
    """
    subject = _mapping(listed, "credentialSubject")
    if "BitstringStatusListCredential" not in _types(listed):
        raise _no("status", "what stands at its status list's address is none")
    if listed.get("id") != claimed.status or listed.get("issuer") != claimed.issuer:
        raise _no("status", "the status list is another's than the one it names")
    if subject.get("statusPurpose") != "revocation":
        raise _no("status", "the status list says something else than what was revoked")
    signature(listed, claimed.issuer, issuer, now)
    if not _time(listed, "validFrom") - proofs.FUTURE <= now <= _time(listed, "validUntil"):
        raise _no("status_old", "the status list is too old, or from the future: get it anew")
    encoded = subject.get("encodedList")
    try:
        is_set = status_list.is_set(
            status_list.decode(encoded if isinstance(encoded, str) else ""), claimed.place
        )
    except ValueError as error:
        raise _no("status", str(error)) from None
    if is_set:
        raise _no("revoked", "its issuer has revoked it, or doubts it for now")


def _kind(types: object, subject: Mapping[str, Any]) -> Kind:
    if types == ["VerifiableCredential", "OpenBadgeCredential"]:
        return "label"
    if types == ["VerifiableCredential", "EndorsementCredential"]:
        return "attestation" if "principles" in subject else "endorsement"
    raise _no("shape", "it is no label, attestation or endorsement")


def _types(document: Mapping[str, Any]) -> list[Any]:
    types = document.get("type")
    return types if isinstance(types, list) else [types]


def _mapping(of: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = of.get(name)
    if not isinstance(value, Mapping):
        raise _no("shape", f"its {name} is missing, or not one object")
    return value


def _word(of: Mapping[str, Any], name: str, longest: int = 200) -> str:
    value = of.get(name)
    if (
        not isinstance(value, str)
        or not value
        or len(value) > longest
        or clean(value, longest) != value
    ):
        raise _no("shape", f"its {name} is missing, or no plain text")
    return value


def _address(of: Mapping[str, Any], name: str) -> str:
    value = of.get(name)
    if not isinstance(value, str) or not origin(value) or not is_plain(value):
        raise _no("shape", f"its {name} is no address")
    return value


def _digest(statement: Mapping[str, Any]) -> str:
    value = _word(statement, "digest")
    if len(value) != 64 or set(value) - set("0123456789abcdef"):
        raise _no("shape", "its digest is no SHA-256 in lower-case hex")
    return value


def _time(of: Mapping[str, Any], name: str) -> datetime:
    try:
        return clock.from_iso(_word(of, name))
    except (ValueError, OverflowError):
        raise _no("shape", f"its {name} is no time") from None


def _place(entry: Mapping[str, Any]) -> int:
    text = _word(entry, "statusListIndex", 10)
    if not text.isascii() or not text.isdecimal():
        raise _no("shape", "its statusListIndex is no number")
    return int(text)


def _list(of: Mapping[str, Any], name: str) -> list[Any]:
    value = of.get(name, [])
    if not isinstance(value, list) or len(value) > MOST:
        raise _no("shape", f"its {name} is no list, or too long")
    return value


def _commitments(subject: Mapping[str, Any]) -> tuple[str, ...]:
    found = tuple(
        _word({"commitment": each}, "commitment") for each in _list(subject, "commitments")
    )
    if len(set(found)) != len(found):
        raise _no("shape", "it names a commitment twice")
    return found


def _comment(subject: Mapping[str, Any]) -> str:
    value = subject.get("endorsementComment", "")
    if not isinstance(value, str) or len(value) > MAX_COMMENT:
        raise _no("shape", "its comment is no text, or too long")
    return clean(value, MAX_COMMENT)


def _principles(subject: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in _list(subject, "principles"):
        item = _mapping({"finding": each}, "finding")
        principle, finding = _word(item, "principle"), item.get("finding")
        if principle in found or finding not in FINDINGS:
            raise _no("shape", "its principles can't be read")
        found[principle] = str(finding)
    return found


def _no(code: str, words: str) -> RefusedError:
    return RefusedError(words, status=400, code=code)
