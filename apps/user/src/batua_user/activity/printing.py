"""A statement of a wallet on paper."""

from batua_ui import phones, printing
from batua_ui.printing import House, Row

from .lines import Line
from .statements import Statement

BATUA = House(
    name="batua",
    of="Statement of a wallet",
    colour=(67, 56, 202),
    about=(
        "Every movement of this wallet in the month, in the order in which it was booked; times"
        " are those of India.",
        "Before it was printed we checked that opening + in − out = closing, and that each balance"
        " follows from the one before.",
        "Something here is not yours? Choose a new PIN, and tell us: what is booked can be"
        " corrected, and is never erased.",
    ),
)


def printed(statement: Statement) -> bytes:
    """The statement as a PDF."""
    return printing.printed(
        printing.Statement(
            house=BATUA,
            name=statement.name,
            number=phones.masked(statement.phone),
            month=statement.month,
            opening=statement.opening,
            came_in=statement.flow.came_in,
            went_out=statement.flow.went_out,
            closing=statement.closing,
            rows=[_row(line) for line in statement.lines],
            made_at=statement.made_at,
        )
    )


def _row(line: Line) -> Row:
    return Row(
        at=line.at,
        who=line.party.name,
        about=" · ".join(filter(None, (line.what, line.note))),
        amount=line.amount,
        balance=line.balance,
        reference=str(line.transfer_id),
    )
