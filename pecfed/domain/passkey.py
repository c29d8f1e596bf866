"""Passkeys (Web Authentication, W3C Level 3): what a browser is asked, and what it answers.

`webauthn` is imported at the first passkey, so that a node without one stays light.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import json
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import urlsplit

MOST_CHARACTERS = 20_000
"""Of an answer; one with an RSA key and an attestation is a tenth of it."""


class Asking(NamedTuple):
    """Who asks: the address of the site, without a path, and its name."""

    origin: str
    name: str

    @property
    def host(self) -> str:
        """What passkeys are bound to (RP ID)."""
        return urlsplit(self.origin).hostname or ""

    @property
    def is_possible(self) -> bool:
        """Whether browsers make passkeys here: for names alone, by https or on this machine."""
        try:
            ipaddress.ip_address(self.host)
        except ValueError:
            local = self.host == "localhost" or self.host.endswith(".localhost")
            return local or self.origin.startswith("https://")
        return False


class Made(NamedTuple):
    """A passkey that was just made; id and key in base64url."""

    id: str
    public_key: str
    sign_count: int


def to_make(
    asking: Asking, challenge: str, *, user_handle: str, name: str, known: Iterable[str]
) -> str:
    """What a browser is asked to make a passkey for an account, as JSON."""
    import webauthn
    from webauthn.helpers import structs

    return webauthn.options_to_json(
        webauthn.generate_registration_options(
            rp_id=asking.host,
            rp_name=asking.name,
            user_id=_bytes(user_handle),
            user_name=name,
            challenge=challenge.encode("ascii"),
            timeout=300_000,
            authenticator_selection=structs.AuthenticatorSelectionCriteria(
                resident_key=structs.ResidentKeyRequirement.REQUIRED,
                user_verification=structs.UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[
                structs.PublicKeyCredentialDescriptor(id=_bytes(each)) for each in known
            ],
        )
    )


def to_show(asking: Asking, challenge: str, known: Iterable[str] = ()) -> str:
    """What a browser is asked to show a passkey, as JSON; any of this site where none is named."""
    import webauthn
    from webauthn.helpers import structs

    return webauthn.options_to_json(
        webauthn.generate_authentication_options(
            rp_id=asking.host,
            challenge=challenge.encode("ascii"),
            timeout=300_000,
            allow_credentials=[
                structs.PublicKeyCredentialDescriptor(id=_bytes(each)) for each in known
            ],
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        )
    )


def made(asking: Asking, answer: str, challenge: str) -> Made | None:
    """The passkey that a browser made, once it is verified; None where that fails."""
    import webauthn
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        found = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge.encode("ascii"),
            expected_rp_id=asking.host,
            expected_origin=asking.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        return None
    return Made(_text(found.credential_id), _text(found.credential_public_key), found.sign_count)


def shown(
    asking: Asking, answer: str, challenge: str, *, public_key: str, sign_count: int
) -> int | None:
    """The passkey's new count of uses, once its answer is verified; None where that fails."""
    import webauthn
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        found = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge.encode("ascii"),
            expected_rp_id=asking.host,
            expected_origin=asking.origin,
            credential_public_key=_bytes(public_key),
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        return None
    return found.new_sign_count


def challenge_in(answer: str) -> str:
    """The challenge that an answer says it is for, unverified; "" where it can't be read."""
    try:
        client = json.loads(_bytes(json.loads(answer)["response"]["clientDataJSON"]))
        return _bytes(client["challenge"]).decode("ascii")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ""


def id_in(answer: str) -> str:
    """The id of the passkey that an answer is of, unverified; "" where it can't be read."""
    try:
        return _text(_bytes(json.loads(answer)["rawId"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ""


def _bytes(text: str) -> bytes:
    """Base64url without padding (RFC 4648 section 5).

    Raises:
        ValueError: it isn't.
    """
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError("no base64url") from error


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")
