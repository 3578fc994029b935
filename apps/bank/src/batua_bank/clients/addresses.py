"""Addresses that a platform names: where its customers come back to, and where it hears of things.

What we send to is chosen by somebody else, so it may lead nowhere inside: https to public
hosts only, and in development http to this machine too. The host is resolved and refused
when an address is kept, and again, by the sender, whenever something is sent.
"""

import re
from urllib.parse import SplitResult, urlsplit

import requests
from requests_hardened.ip_filter import InvalidIPAddress, filter_host

from batua_config.current import settings
from batua_db.errors import Refused

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
PORTS = {"http": 80, "https": 443}
HOST = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,62})(\.[a-z0-9]([a-z0-9-]{0,62}))*|[0-9a-f:.]+", re.ASCII
)
# No blanks, controls or backslashes: browsers drop the first two, and take the last for a slash.
PRINTABLE = re.compile(r"[\x21-\x5b\x5d-\x7e]{1,500}", re.ASCII)


class UnfitAddress(Refused):
    """An address that we send nobody and nothing to."""

    code = "invalid_url"


def origin(text: str) -> str:
    """Read where customers may come back to: a scheme, a host, perhaps a port, and no more.

    Raises ``UnfitAddress``.
    """
    parts = _parts(text)
    if parts.path not in {"", "/"} or parts.query:
        raise UnfitAddress(f"{text} has a path. Give the origin alone, like https://shop.example.")
    return _normal(parts)


def endpoint(text: str) -> str:
    """Read where webhooks go: an address whose host is public. Raises ``UnfitAddress``."""
    parts = _parts(text)
    if parts.scheme == "http" and (parts.hostname or "").endswith(".localhost"):
        raise UnfitAddress("Write 127.0.0.1: only browsers know where *.localhost is.")
    _refuse_inside(parts)
    query = f"?{parts.query}" if parts.query else ""
    return f"{_normal(parts)}{parts.path or '/'}{query}"


def _parts(text: str) -> SplitResult:
    """Take an address apart; what no two programs read alike is refused."""
    try:
        parts = urlsplit(text)
        port_is_fit = parts.port != 0
    except ValueError:
        raise UnfitAddress("This is not an address. Give one like https://shop.example.") from None
    named = PRINTABLE.fullmatch(text) and port_is_fit and HOST.fullmatch(parts.hostname or "")
    if not named or "@" in parts.netloc or "#" in text:
        raise UnfitAddress("This is not an address. Give one like https://shop.example.")
    if parts.scheme not in PORTS or (parts.scheme == "http" and not _may_be_plain(parts)):
        raise UnfitAddress("Give an https address.")
    return parts


def _may_be_plain(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    return not settings.production and (host in LOOPBACK or host.endswith(".localhost"))


def _refuse_inside(parts: SplitResult) -> None:
    try:
        filter_host(
            parts.hostname or "",
            parts.port or PORTS[parts.scheme],
            allow_loopback=not settings.production,
        )
    except InvalidIPAddress:
        raise UnfitAddress("This host is not on the public internet.") from None
    except (requests.RequestException, UnicodeError):
        raise UnfitAddress("This host can’t be found. Check its name.") from None


def _normal(parts: SplitResult) -> str:
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    port = "" if parts.port in {None, PORTS[parts.scheme]} else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"
