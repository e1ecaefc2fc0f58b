"""The address of the client of a request, also behind trusted proxies."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

# A server that listens on a Unix socket gets no address of its peer. This name in TRUSTED_PROXIES trusts the socket.
UNIX_SOCKET = "unix"
# The smallest network that providers give to one customer. Its addresses count as one client.
IPV6_CUSTOMER_PREFIX = 64

Address = IPv4Address | IPv6Address


def client_address(request: HttpRequest) -> str:
    """Return the address of the client; "" if it is unknown.

    X-Forwarded-For counts only if the peer is one of settings.TRUSTED_PROXIES, and then its last address that is not a
    trusted proxy: clients can write the addresses before it.
    """
    peer = request.META.get("REMOTE_ADDR", "")
    if not _is_trusted(peer):
        address = _parse(peer)
        return str(address) if address else ""
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    for part in reversed(forwarded):
        address = _parse(part)
        if address is None:
            return ""
        if not _is_trusted(str(address)):
            return str(address)
    address = _parse(peer)
    return str(address) if address else ""


def client_network(request: HttpRequest) -> str:
    """Return the key under which requests of one client are counted: its IPv4 address, or its IPv6 network."""
    address = client_address(request)
    if address and isinstance(ip_address(address), IPv6Address):
        return str(IPv6Network((address, IPV6_CUSTOMER_PREFIX), strict=False))
    return address


def _parse(text: str) -> Address | None:
    """Return the address, an IPv4 address if it is mapped into IPv6; None for anything else.

    Some proxies add a port.
    """
    host = text.strip()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address


def _is_trusted(peer: str) -> bool:
    if not peer:
        return UNIX_SOCKET in settings.TRUSTED_PROXIES
    address = _parse(peer)
    networks = (ip_network(name) for name in settings.TRUSTED_PROXIES if name != UNIX_SOCKET)
    return address is not None and any(address in network for network in networks)
