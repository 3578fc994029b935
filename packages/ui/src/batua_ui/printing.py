"""A statement, printed: the sums first, then each line with the balance after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from batua_db.money import Money

from .filters import inr, short_date, when
from .filters import time as time_of
from .months import Month
from .paper import INK, MARGIN, SOFT, Paper

STEP = 10.5  # from line to line
# Where a column begins and how wide it is; money stands at its right end.
DAY, WHO, IN, OUT, LEFT = (16, 27), (45, 62), (109, 26), (137, 26), (165, 29)


@dataclass(frozen=True, slots=True)
class Row:
    """A line on paper. ``amount`` is above zero if it came in."""

    at: datetime
    who: str
    about: str
    amount: Money
    balance: Money
    reference: str


@dataclass(frozen=True, slots=True)
class House:
    """Whose paper it is, in its colour; ``of`` what the statement is, and notes about it."""

    name: str
    of: str
    colour: tuple[int, int, int]
    about: Sequence[str]


@dataclass(frozen=True, slots=True)
class Statement:
    """A month on paper; ``rows`` are the oldest first."""

    house: House
    name: str
    number: str
    month: Month
    opening: Money
    came_in: Money
    went_out: Money
    closing: Money
    rows: Sequence[Row]
    made_at: datetime


def printed(statement: Statement) -> bytes:
    """The statement as a PDF."""
    paper = Paper(f"{statement.house.name} · statement of {_title(statement)}")
    _head(paper, statement)
    _sums(paper, statement)
    _columns(paper)
    for row in statement.rows:
        if paper.room < STEP:
            _next_page(paper)
        _row(paper, row)
    _end(paper, statement)
    return bytes(paper.output())


def _title(statement: Statement) -> str:
    month = statement.month
    return f"{month.title}, so far" if month.so_far else month.title


def _head(paper: Paper, statement: Statement) -> None:
    paper.set_y(24)
    paper.use(20, bold=True, colour=statement.house.colour)
    paper.put(statement.house.name, MARGIN, 100)
    paper.use(14, bold=True)
    paper.put(_title(statement), 120, 74, align="R")
    paper.set_y(31)
    paper.use(9, colour=SOFT)
    paper.put(statement.house.of, MARGIN, 80)
    paper.put(f"Made on {when(statement.made_at)}", 100, 94, align="R")
    paper.set_y(43)
    paper.use(12)
    paper.put(statement.name, MARGIN, 120)
    paper.set_y(48.5)
    paper.use(9, colour=SOFT)
    paper.put(statement.number, MARGIN, 120)
    paper.set_y(55)
    paper.rule()


def _sums(paper: Paper, statement: Statement) -> None:
    """Opening, in, out, closing: side by side, as they are added up."""
    last = "= Balance now" if statement.month.so_far else "= Closing balance"
    sums = (
        ("Opening balance", inr(statement.opening)),
        ("+ Money in", inr(statement.came_in)),
        ("− Money out", inr(statement.went_out)),
        (last, inr(statement.closing)),
    )
    for n, (label, amount) in enumerate(sums):
        x = MARGIN + n * 45
        paper.set_y(62)
        paper.use(8.5, colour=SOFT)
        paper.put(label, x, 43)
        paper.set_y(68.5)
        paper.use(12, bold=True)
        paper.put(amount, x, 43)
    paper.set_y(82)


def _columns(paper: Paper) -> None:
    paper.use(8.5, colour=SOFT)
    paper.put("Day", *DAY)
    paper.put("With whom, and what", *WHO)
    paper.put("In", *IN, align="R")
    paper.put("Out", *OUT, align="R")
    paper.put("Balance", *LEFT, align="R")
    paper.set_y(paper.y + 2.5)
    paper.rule()
    paper.set_y(paper.y + 5)


def _next_page(paper: Paper) -> None:
    paper.add_page()
    paper.set_y(22)
    _columns(paper)


def _row(paper: Paper, row: Row) -> None:
    top = paper.y
    paper.use(9)
    paper.put(short_date(row.at), *DAY)
    paper.put(row.who, *WHO)
    paper.put(inr(abs(row.amount)), *(IN if row.amount.paise > 0 else OUT), align="R")
    paper.put(inr(row.balance), *LEFT, align="R")
    paper.set_y(top + 4.2)
    paper.use(8, colour=SOFT)
    paper.put(time_of(row.at), *DAY)
    paper.put(row.about, *WHO)
    paper.put(row.reference, 109, 85, align="R")
    paper.set_y(top + 6.2)
    paper.rule()
    paper.set_y(top + STEP)


def _end(paper: Paper, statement: Statement) -> None:
    if not statement.rows:
        paper.use(9, colour=SOFT)
        paper.put("Nothing came and nothing went.", MARGIN, 120)
        paper.set_y(paper.y + STEP)
    if paper.room < 24:
        paper.add_page()
        paper.set_y(22)
    paper.set_y(paper.y + 4)
    paper.use(8.5, bold=True, colour=INK)
    paper.put("About this statement", MARGIN, 80)
    paper.use(8, colour=SOFT)
    for sentence in statement.house.about:
        paper.set_y(paper.y + 4.5)
        paper.put(sentence, MARGIN, 178)
