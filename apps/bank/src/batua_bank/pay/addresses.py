"""Where a customer may be sent back to: the platform's own pages, and nowhere else."""

import re
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

from .refusals import InvalidReturnUrl

# No blanks, controls or backslashes: browsers drop the first two, and take the last for a slash.
PRINTABLE = re.compile(r"[\x21-\x5b\x5d-\x7e]{1,2000}", re.ASCII)
PORTS = {"http": 80, "https": 443}


def check_return_url(url: str, *, origins: Iterable[str]) -> str:
    """Return ``url`` if it is under one of ``origins``; compares what was parsed, no prefixes."""
    try:
        parts = urlsplit(url)
        theirs = _origin(parts) in {_origin(urlsplit(origin)) for origin in origins}
    except ValueError:
        raise InvalidReturnUrl from None
    if not theirs or "@" in parts.netloc or not PRINTABLE.fullmatch(url):
        raise InvalidReturnUrl
    return url


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    port = PORTS.get(parts.scheme) if parts.port is None else parts.port
    return parts.scheme, parts.hostname, port
