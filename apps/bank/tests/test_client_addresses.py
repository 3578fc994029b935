"""Addresses that a platform names lead to the public internet, or nowhere."""

import socket
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from batua_bank.clients import addresses
from batua_bank.clients.addresses import UnfitAddress
from batua_bank.webhooks.sender import Letter, send
from batua_config.current import EXTENSION
from batua_config.settings import Settings

PUBLIC = "93.184.215.14"


@pytest.fixture
def resolve(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """``resolve(ip)``: what every host name leads to from now on."""

    def to(ip: str) -> None:
        family = socket.AF_INET6 if ":" in ip else socket.AF_INET

        def found(host: str, port: Any, *_: Any, **__: Any) -> list[Any]:
            return [(family, socket.SOCK_STREAM, 6, "", (ip, port))]

        monkeypatch.setattr(socket, "getaddrinfo", found)

    return to


@pytest.fixture
def production(bank_app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    real = settings.model_copy(update={"APP_ENV": "production"})
    monkeypatch.setitem(bank_app.extensions, EXTENSION, real)


@pytest.fixture(autouse=True)
def inside(bank_app: Flask, session: None) -> Any:
    with bank_app.app_context():
        yield


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("https://shop.example", "https://shop.example"),
        ("https://Shop.Example:443/", "https://shop.example"),
        ("https://shop.example:8443", "https://shop.example:8443"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://shop.localhost:3000", "http://shop.localhost:3000"),
        ("http://[::1]:3000", "http://[::1]:3000"),
    ],
)
def test_an_origin_is_read_in_one_way(typed: str, read: str) -> None:
    assert addresses.origin(typed) == read


@pytest.mark.parametrize(
    "typed",
    [
        *("", "shop.example", "//shop.example", "ftp://shop.example", "javascript:alert(1)"),
        *("http://shop.example", "http://localhost.shop.example", "https://"),
        *("https://shop.example/back", "https://shop.example?a=1", "https://shop.example#a"),
        *("https://you@shop.example", "https://shop.example:99999", "https://shop.example:0"),
        *("https://shop.example\\@evil.example", "https://shop .example", "https://-shop.example"),
        *("https://शॉप.example", "https://shop..example", "https://[::1", "https://*.example"),
    ],
)
def test_what_is_no_origin_is_refused(typed: str) -> None:
    with pytest.raises(UnfitAddress):
        addresses.origin(typed)


@pytest.mark.usefixtures("production")
@pytest.mark.parametrize(
    "typed", ["http://localhost:3000", "http://127.0.0.1", "http://a.localhost"]
)
def test_in_production_nothing_is_plain(typed: str) -> None:
    with pytest.raises(UnfitAddress):
        addresses.origin(typed)


def test_an_endpoint_is_on_the_public_internet(resolve: Callable[[str], None]) -> None:
    resolve(PUBLIC)

    assert addresses.endpoint("https://Shop.example/hooks?a=1") == "https://shop.example/hooks?a=1"


INSIDE = [
    *("10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.1.2.3"),
    *("224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "fe80::1", "fd00::1"),
    *("::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::1"),
]


@pytest.mark.parametrize("ip", INSIDE)
def test_an_endpoint_leads_nowhere_inside(resolve: Callable[[str], None], ip: str) -> None:
    resolve(ip)

    with pytest.raises(UnfitAddress, match="public internet"):
        addresses.endpoint("https://shop.example/hooks")


@pytest.mark.usefixtures("production")
@pytest.mark.parametrize("ip", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_in_production_this_machine_is_inside(resolve: Callable[[str], None], ip: str) -> None:
    resolve(ip)

    with pytest.raises(UnfitAddress):
        addresses.endpoint("https://shop.example/hooks")


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "localhost", "127.0.0.1"])
@pytest.mark.usefixtures("production")
def test_other_spellings_of_this_machine_are_known(host: str) -> None:
    with pytest.raises(UnfitAddress):
        addresses.endpoint(f"https://{host}/hooks")


def letter(url: str, reach: Any) -> Letter:
    return Letter(
        id="evt_1", endpoint=uuid4(), url=url, reach=reach, secrets=["whsec_AAAA"], attempt=1,
        type="payment.succeeded", happened_at=datetime.now(UTC), data={},
    )  # fmt: skip


def test_a_host_that_has_moved_inside_gets_nothing(
    resolve: Callable[[str], None], wallet: Any
) -> None:
    resolve("127.0.0.1")
    outcome = send(letter(wallet.url.replace("127.0.0.1", "shop.example"), "public"))

    assert (outcome.status, outcome.error) == (None, "InvalidIPAddress")
    assert wallet.got == []


def test_what_was_checked_is_what_is_connected_to(wallet: Any, monkeypatch: Any) -> None:
    """A name that changes its mind between two questions is asked only once."""
    answers = iter(["127.0.0.1", "10.0.0.1"])
    asked: list[str] = []
    real = socket.getaddrinfo

    def found(host: str, *rest: Any, **options: Any) -> Any:
        if host != "rebinding.example":
            return real(host, *rest, **options)
        asked.append(host)
        return real(next(answers), *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", found)
    outcome = send(letter(wallet.url.replace("127.0.0.1", "rebinding.example"), "loopback"))

    assert outcome.status == 200
    assert len(asked) == 1
    assert wallet.got[0][1]["Host"].startswith("rebinding.example")
