"""A statement, printed: the sums first, then each line with the balance after it."""

from batua_ui import phones
from batua_ui.filters import inr, short_date, when
from batua_ui.filters import time as time_of

from .lines import Line
from .paper import BRAND, INK, MARGIN, SOFT, Paper
from .statements import Statement

STEP = 10.5  # from line to line
# Where a column begins and how wide it is; money stands at its right end.
DAY, WHO, IN, OUT, LEFT = (16, 27), (45, 62), (109, 26), (137, 26), (165, 29)
ABOUT = (
    "Every movement of this wallet in the month, in the order in which it was booked; times are"
    " those of India.",
    "Before it was printed we checked that opening + in − out = closing, and that each balance"
    " follows from the one before.",
    "Something here is not yours? Choose a new PIN, and tell us: what is booked can be"
    " corrected, and is never erased.",
)


def printed(statement: Statement) -> bytes:
    """The statement as a PDF."""
    paper = Paper(f"Batua · statement of {_title(statement)}")
    _head(paper, statement)
    _sums(paper, statement)
    _columns(paper)
    for line in statement.lines:
        if paper.room < STEP:
            _next_page(paper)
        _line(paper, line)
    _end(paper, statement)
    return bytes(paper.output())


def _title(statement: Statement) -> str:
    month = statement.month
    return f"{month.title}, so far" if month.so_far else month.title


def _head(paper: Paper, statement: Statement) -> None:
    paper.set_y(24)
    paper.use(20, bold=True, colour=BRAND)
    paper.put("batua", MARGIN, 60)
    paper.use(14, bold=True)
    paper.put(_title(statement), 100, 94, align="R")
    paper.set_y(31)
    paper.use(9, colour=SOFT)
    paper.put("Statement of a wallet", MARGIN, 80)
    paper.put(f"Made on {when(statement.made_at)}", 100, 94, align="R")
    paper.set_y(43)
    paper.use(12)
    paper.put(statement.name, MARGIN, 120)
    paper.set_y(48.5)
    paper.use(9, colour=SOFT)
    paper.put(phones.masked(statement.phone), MARGIN, 80)
    paper.set_y(55)
    paper.rule()


def _sums(paper: Paper, statement: Statement) -> None:
    """Opening, in, out, closing: side by side, as they are added up."""
    last = "= Balance now" if statement.month.so_far else "= Closing balance"
    sums = (
        ("Opening balance", inr(statement.opening)),
        ("+ Money in", inr(statement.flow.came_in)),
        ("− Money out", inr(statement.flow.went_out)),
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


def _line(paper: Paper, line: Line) -> None:
    top = paper.y
    paper.use(9)
    paper.put(short_date(line.at), *DAY)
    paper.put(line.party.name, *WHO)
    paper.put(inr(abs(line.amount)), *(IN if line.came_in else OUT), align="R")
    paper.put(inr(line.balance), *LEFT, align="R")
    paper.set_y(top + 4.2)
    paper.use(8, colour=SOFT)
    paper.put(time_of(line.at), *DAY)
    paper.put(" · ".join(filter(None, (line.what, line.note))), *WHO)
    paper.put(str(line.transfer_id), 109, 85, align="R")
    paper.set_y(top + 6.2)
    paper.rule()
    paper.set_y(top + STEP)


def _end(paper: Paper, statement: Statement) -> None:
    if not statement.lines:
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
    for sentence in ABOUT:
        paper.set_y(paper.y + 4.5)
        paper.put(sentence, MARGIN, 178)
