"""The address of the client of a request, also behind trusted proxies."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

# A server that listens on a Unix socket gets no address of its peer. This name in TRUSTED_PROXIES trusts the socket.
UNIX_SOCKET = "unix"
# Networks of translators and tunnels whose addresses hold the IPv4 address of the client (RFC 6052, RFC 8215).
TRANSLATED = IPv6Network("64:ff9b::/96")
TRANSLATED_LOCALLY = IPv6Network("64:ff9b:1::/48")
# The smallest network that providers give to one customer. Its addresses count as one client.
IPV6_CUSTOMER_PREFIX = 64

Address = IPv4Address | IPv6Address


def client_address(request: HttpRequest) -> str:
    """Return the address of the client, an IPv4 address also within an IPv6 address; "" if it is unknown.

    X-Forwarded-For counts only if the peer is one of settings.TRUSTED_PROXIES, and then its last address that is not a
    trusted proxy: clients can write the addresses before it.
    """
    peer = request.META.get("REMOTE_ADDR", "")
    if not _is_trusted(peer):
        return _shown(_parse(peer))
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    for part in reversed(forwarded):
        address = _parse(part)
        if address is None:
            return ""
        if not _is_trusted(str(address)):
            return _shown(address)
    return _shown(_parse(peer))


def client_network(request: HttpRequest) -> str:
    """Return the key under which requests of one client are counted: its IPv4 address, or its IPv6 network."""
    address = client_address(request)
    if address and isinstance(ip_address(address), IPv6Address):
        return str(IPv6Network((address, IPV6_CUSTOMER_PREFIX), strict=False))
    return address


def _shown(address: Address | None) -> str:
    if address is None:
        return ""
    return str((_embedded(address) if isinstance(address, IPv6Address) else None) or address)


def _embedded(address: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address that a translator (NAT64) or a tunnel (6to4, Teredo) has put into an IPv6 address.

    Anybody with such an address would otherwise have one client for each network of 64 bits, and all clients of a
    translator would be one.
    """
    if address in TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    if address in TRANSLATED_LOCALLY:
        return _embedded_locally(int(address))
    return address.sixtofour or (address.teredo[1] if address.teredo else None)


def _embedded_locally(number: int) -> IPv4Address:
    """Return the IPv4 address of RFC 6052: the last 32 bits, or those after the first 48 around an empty octet."""
    if last := number & 0xFFFFFFFF:
        return IPv4Address(last)
    return IPv4Address((number >> 64 & 0xFFFF) << 16 | number >> 40 & 0xFFFF)


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
