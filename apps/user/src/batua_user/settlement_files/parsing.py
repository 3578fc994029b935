"""A settlement file, read strictly: what does not add up to the last byte is not read at all."""

import csv
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import BinaryIO, NamedTuple

from batua_db.money import CURRENCY, Money
from batua_ui.days import bounds
from batua_user.bank.values import LARGEST_SUM, NAME, StatementLine

VERSION = "1"
LONGEST = 1000  # bytes of a row
AT_ONCE = 2000  # lines
SLACK = timedelta(minutes=5)  # that a clock may have been set back at midnight
WHOLE = re.compile(r"0|-?[1-9][0-9]{0,15}", re.ASCII)
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}[+-]\d\d:\d\d", re.ASCII)
CHECKSUM = re.compile(rb"[0-9a-f]{64}\n")


class Malformed(Exception):
    """A file that can't be true; says why."""


class Expected(NamedTuple):
    """What the next file is about, and where the one before it ended."""

    bank: str
    client: str
    day: date
    number: int
    balance: Money


@dataclass
class Sums:
    """What a file was found to say, in paise. Complete once its lines are all read."""

    number: int
    closing: int
    count: int = 0
    sum_in: int = 0
    sum_out: int = 0
    checksum: bytes = b""

    def add(self, line: StatementLine) -> None:
        """Take the next line; raises ``Malformed`` if it does not follow."""
        amount = line.amount.paise
        if (line.number, line.balance.paise) != (self.number + 1, self.closing + amount):
            raise Malformed(f"line {line.number} does not add up")
        self.number, self.closing = line.number, line.balance.paise
        self.count += 1
        self.sum_in += max(amount, 0)
        self.sum_out += min(amount, 0)


class Reader:
    """Reads a file once, some lines at a time. ``sums`` holds once all of them were taken."""

    def __init__(self, file: BinaryIO, expected: Expected) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self._expected = expected
        self.sums = Sums(expected.number, expected.balance.paise)

    def pages(self) -> Iterator[tuple[StatementLine, ...]]:
        """The lines, in pages; raises ``Malformed``, at the latest at the end."""
        lines = self._lines()
        while page := tuple(islice(lines, AT_ONCE)):
            yield page

    def _lines(self) -> Iterator[StatementLine]:
        self._check_head()
        begins, over = bounds(self._expected.day)
        while True:
            raw = self._raw()
            if raw.startswith(b"end,"):
                break
            self._digest.update(raw)
            line = _read_line(_fields(raw, "line", 8))
            if not begins - SLACK <= line.at < over:
                raise Malformed(f"line {line.number} is not of this day")
            self.sums.add(line)
            yield line
        self._check_end(raw)

    def _raw(self) -> bytes:
        raw = self._file.readline(LONGEST)
        if not raw.endswith(b"\n"):
            raise Malformed("it is cut short" if len(raw) < LONGEST else "a row is too long")
        return raw

    def _check_head(self) -> None:
        raw = self._raw()
        self._digest.update(raw)
        wanted = self._expected
        terms = (VERSION, wanted.bank, wanted.client, wanted.day.isoformat(), CURRENCY)
        *said, opening = _fields(raw, "head", 7)
        if tuple(said) != terms:
            raise Malformed("its head names another version, bank, client, day or currency")
        if _whole(opening) != wanted.balance.paise:
            raise Malformed("it does not begin with the balance that the day before ended with")

    def _check_end(self, raw: bytes) -> None:
        before, checksum = raw[:-65], raw[-65:]
        self._digest.update(before)
        if not CHECKSUM.fullmatch(checksum) or self._digest.hexdigest() != checksum[:-1].decode():
            raise Malformed("its checksum is not that of its content")
        sums = self.sums
        *said, _ = _fields(raw, "end", 6)
        if [_whole(each) for each in said] != [
            *(sums.count, sums.sum_in, sums.sum_out, sums.closing),
        ]:
            raise Malformed("its end does not sum up its lines")
        if self._file.read(1):
            raise Malformed("something follows its end")
        sums.checksum = self._digest.digest()


def _fields(raw: bytes, kind: str, count: int) -> list[str]:
    """The fields of a row but for its kind."""
    try:
        (row,) = csv.reader([raw.decode()], strict=True)
    except (UnicodeDecodeError, csv.Error, ValueError):
        raise Malformed(f"a row is no {kind}") from None
    if len(row) != count or row[0] != kind:
        raise Malformed(f"a row is no {kind}")
    return row[1:]


def _read_line(fields: list[str]) -> StatementLine:
    number, id_, at, kind, reference, amount, balance = fields
    if not NAME.fullmatch(id_) or not NAME.fullmatch(kind) or len(reference) > 100:
        raise Malformed("a line can't be read")
    paise = (Money(_whole(amount)), Money(_whole(balance)))
    return StatementLine(_whole(number), id_, reference, kind, *paise, _time(at))


def _whole(written: str) -> int:
    if not WHOLE.fullmatch(written) or abs(int(written)) > LARGEST_SUM:
        raise Malformed("a number can't be read")
    return int(written)


def _time(written: str) -> datetime:
    if not TIME.fullmatch(written):
        raise Malformed("a time can't be read")
    try:
        return datetime.fromisoformat(written)
    except ValueError:
        raise Malformed("a time can't be read") from None
