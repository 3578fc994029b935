"""What an audit found, and how it is shown: to people, and to programs."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, NamedTuple

from .models.ledger import Book
from .money import Money
from .reconciliation import Fault, Reconciliation

IST = timezone(timedelta(hours=5, minutes=30), "IST")
LATE = 60  # seconds: sealing takes a few
MOST_SHOWN = 20  # faults of one book or bank, in the report for people


class Lag(NamedTuple):
    """How many entries no seal covers, or seals no copy; and the oldest one's age in seconds."""

    what: str
    many: int
    age: int


@dataclass(frozen=True)
class BookProof:
    """One book: how much there is, and what does not hold."""

    accounts: int
    transfers: int
    entries: int
    sum: int
    blocks: int
    copies: int
    faults: list[Fault]
    lags: list[Lag]


@dataclass(frozen=True)
class Proof:
    """Both books, and whether they agree."""

    books: dict[Book, BookProof]
    reconciliation: list[Reconciliation]

    @property
    def ok(self) -> bool:
        """Whether all holds."""
        unexplained = any(each.difference for each in self.reconciliation)
        return not unexplained and not any(self.faults(name) for name in self.books)

    def faults(self, name: Book) -> list[Fault]:
        """What does not hold in a book. What the wallet can't account for is the wallet's."""
        between = [fault for each in self.reconciliation for fault in each.faults]
        return self.books[name].faults + (between if name == "wallet" else [])


def as_json(proof: Proof) -> str:
    """Write the proof for programs."""
    books = {
        name: {
            "accounts": book.accounts,
            "transfers": book.transfers,
            "entries": book.entries,
            "sum": book.sum,
            "faults": [fault._asdict() for fault in proof.faults(name)],
        }
        for name, book in proof.books.items()
    }
    reconciliation = [
        {
            "bank": each.bank,
            "platform": each.platform,
            "float": each.float,
            "explained": each.explained,
            "difference": each.difference,
        }
        for each in proof.reconciliation
    ]
    return json.dumps({"ok": proof.ok, "books": books, "reconciliation": reconciliation}, indent=2)


def as_text(proof: Proof, *, now: datetime | None = None) -> str:
    """Write the proof for people."""
    moment = (now or datetime.now(UTC)).astimezone(IST)
    return "\n".join(
        [
            f"Batua audit · {moment:%d %b %Y, %H:%M:%S %Z}",
            "",
            _row("Book", "sum", "accounts", "transfers", "entries", "seals", "copies"),
            *(line for name, book in proof.books.items() for line in _book_lines(name, book)),
            "",
            _row("Bank", "holds", "float", "on its way", "difference"),
            *([] if proof.reconciliation else ["  · none yet"]),
            *(line for each in proof.reconciliation for line in _bank_lines(each)),
            "",
            "All holds." if proof.ok else "Something does not hold. Start with the first ✗ above.",
        ]
    )


def _row(title: str, *cells: object) -> str:
    width = 17 if len(cells) == 4 else 11
    return f"  {title:<12}" + "".join(f"{cell!s:>{width}}" for cell in cells)


def _book_lines(name: str, book: BookProof) -> Iterator[str]:
    sizes = (book.accounts, book.transfers, book.entries, book.blocks, book.copies)
    title = f"{_mark(not book.faults)} {name}"
    yield _row(title, Money(book.sum), *(f"{size:,}" for size in sizes))
    for lag in book.lags:
        if lag.many and lag.age >= LATE:
            yield f"      · {lag.many:,} {lag.what} for {_age(lag.age)}"
    yield from _fault_lines(book.faults)


def _bank_lines(each: Reconciliation) -> Iterator[str]:
    title = f"{_mark(not each.faults and each.difference == 0)} {each.bank}"
    amounts = (each.platform, each.float, each.on_its_way, each.difference)
    yield _row(title, *map(Money, amounts))
    for item in each.explained:
        yield f"      · {_explain(item)}"
    yield from _fault_lines(each.faults)


def _fault_lines(faults: list[Fault]) -> Iterator[str]:
    for fault in faults[:MOST_SHOWN]:
        yield f"      ✗ {fault.fault}: {fault.place}: {fault.detail}"
    if len(faults) > MOST_SHOWN:
        yield f"      … and {len(faults) - MOST_SHOWN:,} more; --json shows all"


def _explain(item: dict[str, Any]) -> str:
    amount = Money(item.get("held", item["amount"]))
    return f"{amount} {item['what']} for {_age(item['age'])}: {item['reference']}"


def _age(seconds: int) -> str:
    """Write an age in the largest unit that fits: 12 s, 5 min, 3 h, 2 days."""
    for size, unit in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _mark(holds: bool) -> str:
    return "✓" if holds else "✗"
