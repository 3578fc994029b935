"""Where to go after signing in: only to an address of ours."""

import re

# A path, written out in plain characters. Browsers and libraries take tabs, backslashes
# and a second slash for the beginning of another site's address.
OWN_PATH = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]{0,500}|/", re.ASCII)


def own_path(text: str | None) -> str | None:
    """Return ``text`` if it leads to a page of ours, else nothing."""
    return text if text and OWN_PATH.fullmatch(text) else None
