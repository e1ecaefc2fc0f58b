"""The client of a request: its own address, or the one that a trusted proxy reports."""

import pytest
from django.test import RequestFactory

from sites.rate_limits.client_address import client_address, client_network


def request(peer, forwarded=""):
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    return RequestFactory().get("/", REMOTE_ADDR=peer, **headers)


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "expected"),
    [
        pytest.param([], "192.0.2.1", "", "192.0.2.1", id="no proxy"),
        pytest.param([], "192.0.2.1", "198.51.100.9", "192.0.2.1", id="header of a client"),
        pytest.param(["10.0.0.1"], "192.0.2.1", "198.51.100.9", "192.0.2.1", id="another peer than the proxy"),
        pytest.param(["10.0.0.1"], "10.0.0.1", "198.51.100.9", "198.51.100.9", id="a trusted proxy"),
        pytest.param(["10.0.0.1"], "10.0.0.1", "203.0.113.5, 198.51.100.9", "198.51.100.9", id="invented first one"),
        pytest.param(["10.0.0.0/8"], "10.0.0.1", "198.51.100.9, 10.1.1.1", "198.51.100.9", id="two trusted proxies"),
        pytest.param(["10.0.0.1"], "10.0.0.1", "198.51.100.9:4711", "198.51.100.9", id="with a port"),
        pytest.param(["10.0.0.1"], "10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1", id="IPv6 with a port"),
        pytest.param(["10.0.0.1"], "::ffff:10.0.0.1", "198.51.100.9", "198.51.100.9", id="mapped into IPv6"),
        pytest.param(["10.0.0.1"], "10.0.0.1", "", "10.0.0.1", id="proxy without the header"),
        pytest.param(["10.0.0.1"], "10.0.0.1", "unknown", "", id="no address"),
        pytest.param(["unix"], "", "198.51.100.9", "198.51.100.9", id="Unix socket"),
        pytest.param([], "", "198.51.100.9", "", id="Unix socket that is not trusted"),
    ],
)
def test_the_address_of_a_client(settings, proxies, peer, forwarded, expected):
    settings.TRUSTED_PROXIES = proxies
    assert client_address(request(peer, forwarded)) == expected


def test_the_addresses_of_an_ipv6_customer_are_one_client():
    assert client_network(request("2001:db8:1:2::1")) == client_network(request("2001:db8:1:2:ffff::9"))
    assert client_network(request("2001:db8:1:2::1")) != client_network(request("2001:db8:1:3::1"))
    assert client_network(request("192.0.2.1")) == "192.0.2.1"


IPV4 = "198.51.100.9"
EMBEDDING = [
    "::ffff:198.51.100.9",
    "64:ff9b::198.51.100.9",
    "64:ff9b:1::198.51.100.9",
    "64:ff9b:1:abcd::198.51.100.9",
    "64:ff9b:1:c633:64:900::",
    "2002:c633:6409::1",
    "2002:c633:6409:ffff:1:2:3:4",
    "2001:0:4136:e378:8000:63bf:39cc:9bf6",
]


@pytest.mark.parametrize("address", EMBEDDING)
def test_an_ipv4_address_within_an_ipv6_address_is_the_client(settings, address):
    settings.TRUSTED_PROXIES = ["10.0.0.1"]
    for sent in (request(address), request("10.0.0.1", address), request("10.0.0.1", f"[{address}]:4711")):
        assert (client_address(sent), client_network(sent)) == (IPV4, IPV4)


def test_an_embedded_address_of_a_proxy_is_not_trusted(settings):
    settings.TRUSTED_PROXIES = ["10.0.0.1"]
    assert client_address(request("2002:a00:1::1", IPV4)) == "10.0.0.1"
    assert client_address(request("10.0.0.1", f"{IPV4}, 64:ff9b::10.0.0.1")) == "10.0.0.1"


@pytest.mark.parametrize("address", ["64:ff9b:2::1", "2003::1", "2001:1::1", "::1", "2001:db8::ffff:198.51.100.9"])
def test_other_ipv6_addresses_are_counted_by_network(address):
    sent = request(address)
    assert client_network(sent).endswith("/64")
    assert ":" in client_address(sent)
