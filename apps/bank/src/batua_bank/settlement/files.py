"""How a settlement file is written: CSV in UTF-8, a head, the lines of a day, and an end.

    head,1,SBB,wallet,2026-01-14,INR,<opening balance>
    line,<number>,<id>,<time>,<kind>,<reference>,<amount>,<balance after it>
    end,<lines>,<sum in>,<sum out>,<closing balance>,<SHA-256 of every byte before it>

Amounts are whole paise, out below zero. Each row ends with a line feed.
"""

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from batua_db.money import CURRENCY

from .queries import PlatformEntry

VERSION = 1


class Head(NamedTuple):
    """Whose day it is; ``opening`` in paise."""

    bank: str
    client: str
    day: date
    opening: int


class Writer:
    """Writes a file piece by piece, and knows at its end what it was. Sums are paise."""

    def __init__(self, head: Head) -> None:
        self._head = head
        self._digest = hashlib.sha256()
        self.count = self.sum_in = self.sum_out = self.size = 0
        self.closing = head.opening
        self.checksum = self.digest = b""

    def write(self, pages: Iterable[Sequence[PlatformEntry]]) -> Iterator[bytes]:
        """Give the pieces of the file, one for each page of its lines and two around them."""
        day = self._head.day.isoformat()
        head = (self._head.bank, self._head.client, day, CURRENCY, self._head.opening)
        yield self._took(_rows([("head", VERSION, *head)]))
        for page in pages:
            self._add(page)
            yield self._took(_rows(_line(entry) for entry in page))
        end = ("end", self.count, self.sum_in, self.sum_out, self.closing, "")
        before = self._took(_rows([end]).removesuffix(b"\n"))
        self.checksum = self._digest.digest()
        yield before + self._took(f"{self.checksum.hex()}\n".encode())
        self.digest = self._digest.digest()

    def _add(self, page: Sequence[PlatformEntry]) -> None:
        self.count += len(page)
        self.sum_in += sum(entry.amount for entry in page if entry.amount > 0)
        self.sum_out += sum(entry.amount for entry in page if entry.amount < 0)
        self.closing = page[-1].balance

    def _took(self, piece: bytes) -> bytes:
        self._digest.update(piece)
        self.size += len(piece)
        return piece


def _line(entry: PlatformEntry) -> tuple[object, ...]:
    said = (entry.number, entry.id, entry.at.isoformat(timespec="microseconds"))
    return ("line", *said, entry.kind, entry.reference, entry.amount, entry.balance)


def _rows(rows: Iterable[tuple[object, ...]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
