"""Credentials: what is said of a member's statement, in a form that anybody can verify.

W3C Verifiable Credentials Data Model 2.0; a label is an Open Badges 3.0 credential
(section 4.1 there), an endorsement and an attestation are its endorsement credentials
(section 4.3). These are the documents without their proof; pure: no I/O, no clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pecfed.domain.about import About

Kind = Literal["endorsement", "attestation", "label"]
Finding = Literal["confirmed", "questioned"]
KINDS: tuple[Kind, ...] = ("endorsement", "attestation", "label")
FINDINGS: tuple[Finding, ...] = ("confirmed", "questioned")

VC = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
OWN = "https://w3id.org/pecfed/ns/credentials/v1"
CONTEXT = (VC, OPEN_BADGES, OWN)
"""The `@context` of each; our own words are `vocab/v1/credentials.jsonld`.

By its address and not inline: verifiers compare contexts one by one, and some can't compare
more than texts. Nobody has to ask for it, since a proof needs no JSON-LD (eddsa-jcs-2022).
"""

TYPES: Mapping[Kind, str] = {
    "endorsement": "EndorsementCredential",
    "attestation": "EndorsementCredential",
    "label": "OpenBadgeCredential",
}
NAMES: Mapping[Kind, Mapping[str, str]] = {
    "endorsement": {"fr": "Soutien d’un membre", "en": "Endorsement by a member"},
    "attestation": {"fr": "Attestation de la charte", "en": "Attestation of the charter"},
    "label": {"fr": "Label Plateforme en communs", "en": "Platform in common label"},
}
_SAYS = {
    "fr": "Sa déclaration sur la charte des Plateformes en communs a été relue et confirmée, "
    "principe par principe.",
    "en": "Its statement on the charter of Plateformes en communs was reviewed and confirmed, "
    "principle by principle.",
}


@dataclass(frozen=True, slots=True)
class Endorsement:
    """A member vouches for another's statement, or for those commitments of it."""

    about: About
    commitments: tuple[str, ...] = ()
    comment: str = ""
    kind: Kind = "endorsement"


@dataclass(frozen=True, slots=True)
class Attestation:
    """The hub's review of a statement: what it found, by the id of each principle."""

    about: About
    principles: Mapping[str, Finding] = field(default_factory=dict)
    comment: str = ""
    kind: Kind = "attestation"


@dataclass(frozen=True, slots=True)
class Label:
    """The badge that a member may show; `attestation` is the credential it rests on."""

    about: About
    attestation: str
    kind: Kind = "label"


Claim = Endorsement | Attestation | Label


@dataclass(frozen=True, slots=True)
class Issuing:
    """What an issuer adds to a claim; `valid_from` and `valid_until` are wire times.

    `site` is the issuer's node, where the charter and the label's page stand; `status` is
    the address of its status list, `place` the credential's place in it.
    """

    uri: str
    issuer: str
    issuer_name: str
    site: str
    language: str
    valid_from: str
    valid_until: str
    status: str
    place: int


def document(claim: Claim, issuing: Issuing) -> dict[str, Any]:
    """The credential, but for its proof."""
    return {
        "@context": list(CONTEXT),
        "id": issuing.uri,
        "type": ["VerifiableCredential", TYPES[claim.kind]],
        "name": NAMES[claim.kind][issuing.language],
        "issuer": {"id": issuing.issuer, "type": ["Profile"], "name": issuing.issuer_name},
        "validFrom": issuing.valid_from,
        "validUntil": issuing.valid_until,
        "credentialSubject": _subject(claim, issuing),
        "credentialStatus": {
            "id": f"{issuing.status}#{issuing.place}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": str(issuing.place),
            "statusListCredential": issuing.status,
        },
    }


def _subject(claim: Claim, issuing: Issuing) -> dict[str, Any]:
    about = claim.about
    made: dict[str, Any] = {"id": about.member, "type": ["EndorsementSubject"]}
    if isinstance(claim, Label):
        made["type"] = ["AchievementSubject"]
        made["achievement"] = _achievement(issuing)
    made["statement"] = {"id": about.statement, "digest": about.digest, "charter": about.charter}
    if isinstance(claim, Label):
        made["attestation"] = claim.attestation
        return made
    if claim.comment:
        made["endorsementComment"] = claim.comment
    if isinstance(claim, Endorsement):
        if claim.commitments:
            made["commitments"] = list(claim.commitments)
        return made
    made["principles"] = [
        {"principle": principle, "finding": finding}
        for principle, finding in claim.principles.items()
    ]
    return made


def _achievement(issuing: Issuing) -> dict[str, Any]:
    """What Open Badges asks to know of a badge: its name, what it says, and by which criteria."""
    return {
        "id": f"{issuing.site}/charter#label",
        "type": ["Achievement"],
        "achievementType": "Certification",
        "name": NAMES["label"][issuing.language],
        "description": _SAYS[issuing.language],
        "criteria": {"id": f"{issuing.site}/charter"},
        "image": {"id": f"{issuing.site}/label.svg", "type": "Image"},
    }
