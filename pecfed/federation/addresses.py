"""Which addresses a connection may go to: the guard of everything that goes out; pure."""

from __future__ import annotations

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Networks that `is_global` has called global in one Python version or another, and
# cloud metadata services that live on public addresses.
_NEVER = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24",
        "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32",
        "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16",
    )
)  # fmt: skip
_UNICAST = ipaddress.ip_network("2000::/3")


def is_public(address: Address) -> bool:
    """Whether a connection to that address leaves for the public internet.

    IPv4 inside IPv6 (mapped, compatible, NAT64, 6to4, Teredo) is never public: no
    server we would talk to is reached that way, and each has been used to get round
    such a check.
    """
    if isinstance(address, ipaddress.IPv6Address) and (
        address not in _UNICAST or address.scope_id is not None
    ):
        return False
    if any(address.version == net.version and address in net for net in _NEVER):
        return False
    return address.is_global and not address.is_multicast
