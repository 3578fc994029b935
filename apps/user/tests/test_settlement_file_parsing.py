"""A settlement file as the bank writes it is read back, and with any byte changed it is not."""

import hashlib
import io
from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batua_bank.settlement.files import Head, Writer
from batua_bank.settlement.queries import PlatformEntry
from batua_db.money import Money
from batua_ui.days import bounds
from batua_user.bank.values import StatementLine
from batua_user.settlement_files.parsing import Expected, Malformed, Reader

DAY = date(2026, 1, 14)
BEGINS, _ = bounds(DAY)
EXPECTED = Expected("SBB", "wallet", DAY, 6, Money(100_00))

amounts = st.integers(-(10**11), 10**11).filter(bool)
references = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=40)
moves = st.lists(st.tuples(amounts, references, st.integers(0, 86_399_999_999)), max_size=20)


def entries(moved: list[tuple[int, str, int]]) -> list[PlatformEntry]:
    found: list[PlatformEntry] = []
    balance = EXPECTED.balance.paise
    for place, (amount, reference, after) in enumerate(moved, EXPECTED.number + 1):
        balance += amount
        at = BEGINS + timedelta(microseconds=after)
        found.append(
            PlatformEntry(place, UUID(int=place), reference, "payment", amount, balance, at)
        )
    return found


def written(lines: list[PlatformEntry]) -> bytes:
    pages = [lines[start : start + 7] for start in range(0, len(lines), 7)]
    return b"".join(Writer(Head("SBB", "wallet", DAY, 100_00)).write(pages))


def read(content: bytes) -> tuple[list[StatementLine], Reader]:
    reader = Reader(io.BytesIO(content), EXPECTED)
    return [line for page in reader.pages() for line in page], reader


@given(moves)
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_read_back(moved: list[tuple[int, str, int]]) -> None:
    lines = entries(moved)
    content = written(lines)

    found, reader = read(content)

    assert [
        (line.number, line.id, line.reference, line.kind, line.amount.paise, line.balance.paise)
        for line in found
    ] == [
        (each.number, str(each.id), each.reference, each.kind, each.amount, each.balance)
        for each in lines
    ]
    assert [line.at for line in found] == [each.at for each in lines]
    sums = reader.sums
    assert (sums.count, sums.sum_in + sums.sum_out) == (len(moved), sum(each[0] for each in moved))
    assert sums.checksum.hex().encode() == content[-65:-1]


SOME = written(entries([(500_00, "a-topup", 1), (-20_50, "a,payout", 2), (7, '"', 3)]))


def test_with_any_byte_changed_dropped_or_doubled_it_is_refused() -> None:
    for place, byte in enumerate(SOME):
        before, after = SOME[:place], SOME[place + 1 :]
        for change in (bytes([byte ^ 1]), bytes([byte ^ 0x20]), b"", bytes([byte]) * 2, b"\xff"):
            if before + change + after == SOME:
                continue
            with pytest.raises(Malformed):
                read(before + change + after)


def test_cut_short_anywhere_it_is_refused() -> None:
    for end in range(len(SOME)):
        with pytest.raises(Malformed):
            read(SOME[:end])


def sealed(rows: list[str]) -> bytes:
    """With the checksum that such a file would have."""
    content = "\n".join(rows).encode()
    return content + f"{hashlib.sha256(content).hexdigest()}\n".encode()


def rows() -> list[str]:
    *before, end = SOME.decode().splitlines()
    return [*before, end[:-64]]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda r: r[:1] + [r[2], r[1]] + r[3:], "line 8 does not add up"),
        (lambda r: r[:2] + [r[1]] + r[2:], "line 7 does not add up"),
        (lambda r: r[:1] + r[2:], "line 8 does not add up"),
        (lambda r: [*r[:3], r[4]], "does not sum up"),
        (lambda r: [r[0].replace("SBB", "CCB"), *r[1:]], "its head names another"),
        (lambda r: [r[0].replace("head,1", "head,2"), *r[1:]], "its head names another"),
        (lambda r: [r[0].replace("-14", "-15"), *r[1:]], "its head names another"),
        (lambda r: [r[0].replace("10000", "10001"), *r[1:]], "does not begin with the balance"),
        (lambda r: [r[0], r[1].replace("50000", "+50000"), *r[2:]], "a number can't be read"),
        (lambda r: [r[0], r[1].replace("50000", "050000"), *r[2:]], "a number can't be read"),
        (lambda r: [r[0], r[1].replace("50000", "٥0000"), *r[2:]], "a number can't be read"),
        (lambda r: [r[0], r[1] + ",", *r[2:]], "a row is no line"),
        (lambda r: [r[0], r[1].replace("a-topup", "x" * 2000), *r[2:]], "a row is too long"),
        (lambda r: [*r[:4], r[4].replace("end,3", "end,4")], "does not sum up its lines"),
        (lambda r: r[1:], "a row is no head"),
        (lambda r: [r[0], r[1].replace("2026-01-1", "2026-02-1"), *r[2:]], "not of this day"),
    ],
)
def test_a_bank_that_writes_what_is_not_so_is_refused_with_a_reason(
    change: Callable[[list[str]], list[str]], why: str
) -> None:
    assert read(sealed(rows()))[0]

    with pytest.raises(Malformed, match=why):
        read(sealed(change(rows())))
