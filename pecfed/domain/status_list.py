"""The Bitstring Status List: one bit for each credential, set once it is revoked; pure.

W3C Bitstring Status List 1.0, sections 2.2 (the credential), 3.1 (bits), 3.3 and 3.4
(compression and Multibase). The list tells nobody whose status was asked for.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Iterable
from typing import Any

from pecfed.domain.credential import VC

PLACES = 131_072
"""Bits in a list: the least that section 3.3 allows (16 KB), so that one alone says little."""
MAX_BYTES = 1_048_576
"""The largest list of somebody else's that is unpacked."""
_GZIP = 16 + zlib.MAX_WBITS


def encode(revoked: Iterable[int], places: int = PLACES) -> str:
    """The bits as `encodedList`; the first place is the highest bit of the first byte."""
    bits = bytearray(places // 8)
    for place in revoked:
        bits[place // 8] |= 0x80 >> place % 8
    packer = zlib.compressobj(
        9, zlib.DEFLATED, _GZIP
    )  # without a time: the same bits, the same text
    packed = packer.compress(bytes(bits)) + packer.flush()
    return "u" + base64.urlsafe_b64encode(packed).decode().rstrip("=")


def decode(encoded: str) -> bytes:
    """The bits of an `encodedList`.

    Raises:
        ValueError: it is none, is too large, or shorter than the specification allows.
    """
    if not encoded.startswith("u") or len(encoded) > MAX_BYTES:
        raise ValueError("the status list is no base64url text (Multibase u)")
    text = encoded[1:]
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
        unpacker = zlib.decompressobj(_GZIP)
        bits = unpacker.decompress(packed, MAX_BYTES)
    except (ValueError, binascii.Error, zlib.error):
        raise ValueError("the status list can't be unpacked") from None
    if unpacker.unconsumed_tail or not unpacker.eof or unpacker.unused_data:
        raise ValueError("the status list is too large, or cut off")
    if len(bits) < PLACES // 8:
        raise ValueError(f"the status list has fewer than {PLACES} places")
    return bits


def is_set(bits: bytes, place: int) -> bool:
    """Whether the bit at that place is set.

    Raises:
        ValueError: the list has no such place.
    """
    if not 0 <= place < len(bits) * 8:
        raise ValueError(f"the status list has no place {place}")
    return bool(bits[place // 8] & 0x80 >> place % 8)


def document(
    uri: str, issuer: str, revoked: Iterable[int], valid_from: str, valid_until: str
) -> dict[str, Any]:
    """The list as a credential of its own, but for its proof."""
    return {
        "@context": [VC],
        "id": uri,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": valid_from,
        "validUntil": valid_until,
        "credentialSubject": {
            "id": f"{uri}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": encode(revoked),
        },
    }
