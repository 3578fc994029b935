"""A month of an account on paper."""

from datetime import datetime

from batua_config import logs
from batua_db import passbook
from batua_db.errors import NotFound, Refused, Unavailable
from batua_db.models.bank import Customer
from batua_ui import printing
from batua_ui.filters import INDIA
from batua_ui.months import Month, find_month
from batua_ui.printing import House, Row, Statement

from . import queries
from .lines import Line
from .queries import Holding, Wanted

MOST_ON_PAPER = 1000  # rows: some fifty pages, a second's work
ABOUT = (
    "Every movement of this account in the month, in the order in which it was booked; times are"
    " those of India.",
    "Before it was printed we checked that opening + in − out = closing, and that each balance"
    " follows from the one before.",
    "Something here is not yours? Change your password and your MPIN, and tell your branch.",
)
log = logs.get(__name__)


def paper(customer: Customer, holding: Holding, name: str) -> tuple[Month, bytes]:
    """The statement of a month as a PDF. One that does not add up is refused."""
    month = find_month(name, holding.opened_at)
    if month is None:
        raise NotFound("There is no statement for this month.")
    return month, printing.printed(_statement(customer, holding, month))


def _statement(customer: Customer, holding: Holding, month: Month) -> Statement:
    days = Wanted(since=month.first, until=month.last)
    low, high = queries.span(holding.id, days)
    if high - low > MOST_ON_PAPER:
        raise Refused(
            f"{month.title} has more than {MOST_ON_PAPER} rows, too many for paper."
            " Choose its days in the statement, and take them as CSV."
        )
    lines = days.find(holding.id, low, high)[::-1]
    opening, closing = (passbook.balance_at(holding.id, version) for version in (low, high))
    if not passbook.adds_up(opening, lines, closing):
        log.error("a statement does not add up", account_id=str(holding.id), name=month.name)
        raise Unavailable(
            "This statement does not add up, so we do not show it. We look into it.",
            retry_after=3600,
        )
    flow = passbook.flow(line.amount for line in lines)
    return Statement(
        house=House(holding.bank, f"Statement of {holding.label}", (11, 79, 63), ABOUT),
        name=customer.name,
        number=f"A/c {holding.number} · IFSC {holding.ifsc}",
        month=month,
        opening=opening,
        came_in=flow.came_in,
        went_out=flow.went_out,
        closing=closing,
        rows=[_row(line) for line in lines],
        made_at=datetime.now(INDIA),
    )


def _row(line: Line) -> Row:
    return Row(line.at, line.title, line.note, line.amount, line.balance, line.reference)
