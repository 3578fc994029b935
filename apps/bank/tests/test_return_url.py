"""A customer is sent back to the platform, and nowhere else."""

import pytest

from batua_bank.pay.addresses import check_return_url
from batua_bank.pay.refusals import InvalidReturnUrl

WALLET = "http://localhost:3001"
SECURE = "https://batua.example"


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        (f"{WALLET}/add-money/1", WALLET),
        (f"{WALLET}/a?b=c&d=%2F%2Fe#f", WALLET),
        (WALLET, WALLET),
        ("HTTP://LOCALHOST:3001/a", WALLET),
        (f"{SECURE}/a", SECURE),
        (f"{SECURE}:443/a", SECURE),
        (f"{SECURE}/a", f"{SECURE}:443"),
        ("http://[::1]:3001/a", "http://[::1]:3001"),
    ],
)
def test_addresses_of_the_platform(url: str, origin: str) -> None:
    assert check_return_url(url, origins=["https://elsewhere.example", origin]) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/add-money/1",
        "//localhost:3001/",
        "localhost:3001/a",
        "javascript:alert(1)",
        "https://localhost:3001/",
        "http://localhost/",
        "http://localhost:3002/",
        "http://localhost:30010/",
        "http://localhost:3001.evil.example/",
        "http://localhost.evil.example:3001/",
        "http://localhost.:3001/",
        "http://127.0.0.1:3001/",
        "http://localhost:3001@evil.example/",
        "http://evil.example#@localhost:3001/",
        "http://evil.example/?http://localhost:3001/",
        "http://asha@localhost:3001/",
        "http://:@localhost:3001/",
        "http://@localhost:3001/",
        "http://localhost:3001\\@evil.example/",
        "http:\\\\localhost:3001\\",
        "http:/localhost:3001/",
        "http:localhost:3001/",
        "http:///localhost:3001/",
        " http://localhost:3001/",
        "\thttp://localhost:3001/",
        "http://localhost:3001/\t/evil.example",
        "http://local\nhost:3001/",
        "http://localhost:3001/a b",
        "http://localhost:3001/\x00",
        "http://localhost:3001/é",
        "http://ｌocalhost:3001/",
        "http://localhost:x/",
        "http://localhost:99999/",
        "http://[::1/",
        "http://localhost%3a3001/",
    ],
)
def test_addresses_that_lead_elsewhere(url: str) -> None:
    with pytest.raises(InvalidReturnUrl):
        check_return_url(url, origins=[WALLET, SECURE])
