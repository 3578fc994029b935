"""A file as the bank sends it, kept aside while it is read: never all of it in memory."""

import base64
import hashlib
import tempfile
import time
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import date
from typing import BinaryIO, NamedTuple, cast
from urllib.parse import quote

from requests import RequestException, Response

from batua_user.bank.answers import BankSilent, understand
from batua_user.bank.current import bank

from .parsing import Malformed

LARGEST = 256 * 1024 * 1024
PIECE = 256 * 1024
IN_MEMORY = 1024 * 1024
BUDGET = 300.0  # seconds for all of it


class Fetched(NamedTuple):
    """A file as it came, and whether it is what the bank's digest of it says."""

    file: BinaryIO
    is_whole: bool


@contextmanager
def fetched(code: str, day: date) -> Generator[Fetched]:
    """The file of a day, as it came; raises ``BankError``, or ``Malformed`` if it has no end."""
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as kept:
        with bank.download(f"/settlement/files/{quote(code, safe='')}/{day}") as answer:
            if answer.status_code != 200:
                understand(answer.status_code, next(answer.iter_content(PIECE), b""))
                raise BankSilent(f"{answer.status_code} is no file")
            digest = hashlib.sha256()
            for piece in _pieces(answer):
                digest.update(piece)
                kept.write(piece)
            said = answer.headers.get("Content-Digest", "")
        is_whole = said == f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
        kept.seek(0)
        yield Fetched(cast("BinaryIO", kept), is_whole)


def parts(kept: BinaryIO) -> Iterator[bytes]:
    """The file in compressed pieces, to be stored."""
    kept.seek(0)
    while piece := kept.read(PIECE):
        yield zlib.compress(piece)


def _pieces(answer: Response) -> Iterator[bytes]:
    deadline, size = time.monotonic() + BUDGET, 0
    try:
        for piece in answer.iter_content(PIECE):
            size += len(piece)
            if size > LARGEST or time.monotonic() > deadline:
                raise Malformed("it is too large, or comes too slowly")
            yield piece
    except RequestException:
        raise BankSilent("the file broke off") from None
