"""Who reads what we publish, where the operator wants that known (`authorized_fetch`)."""

from __future__ import annotations

from pecfed import clock
from pecfed.domain.uris import without_fragment
from pecfed.errors import RefusedError
from pecfed.federation import signatures
from pecfed.federation.node import Node
from pecfed.federation.signers import Request, check_host, find_signer


async def check_reader(node: Node, request: Request) -> str:
    """Check that a GET is signed by somebody who isn't blocked; whose key it was.

    The signature may be of either kind, and may leave the query out.

    Raises:
        RefusedError: 401, it isn't signed, or doesn't hold; 403, blocked; 429 or 503 as
            for what is sent to us.
    """
    signature = signatures.parse(request.headers)
    signatures.check_coverage(signature, request.headers, body=False)
    signatures.check_time(signature, request.headers, clock.now())
    check_host(node, request)
    if await node.is_blocked(without_fragment(signature.key_uri)):
        raise _blocked()
    signer = await find_signer(node, signature, request)
    if await node.is_blocked(signer.owner):
        raise _blocked()
    return signer.owner


def _blocked() -> RefusedError:
    return RefusedError("this node doesn't speak to you", status=403, code="blocked")
