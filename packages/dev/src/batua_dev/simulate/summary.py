"""What the terminal shows: one line while it runs, and all of it at the end."""

import sys
import time
from collections.abc import Iterator
from threading import Event

from batua_db.money import Money

from .tally import Tally

SELDOM = 10.0  # seconds between two lines, where they can't be written over
TITLES = {
    "added": "added from a bank",
    "sent": "sent to people",
    "paid": "paid to shops",
    "bills": "recharges",
    "withdrawn": "withdrawn to a bank",
}


def watch(tally: Tally, over: Event) -> None:
    """Write the line again and again until it is ``over``."""
    live = sys.stdout.isatty()
    while not over.wait(1.0 if live else SELDOM):
        print(f"\r\x1b[K  {line(tally)}" if live else line(tally), end="" if live else "\n")
        sys.stdout.flush()
    if live:
        print("\r\x1b[K", end="")


def line(tally: Tally) -> str:
    """How it goes."""
    clock = time.strftime("%M:%S", time.gmtime(tally.seconds))
    return (
        f"{clock}  {tally.people} people · {tally.rate:.1f} payments/s"
        f" · {Money(tally.paise.total())} moved · {tally.requests} requests"
        f" · {tally.failures.total()} failed"
    )


def report(tally: Tally) -> Iterator[str]:
    """All of it, as lines."""
    rate = tally.moves.total() / max(tally.seconds, 1.0)
    yield f"{tally.people} people, {tally.seconds:.0f} s, {rate:.2f} payments a second"
    yield ""
    for kind, title in TITLES.items():
        yield f"  {title:22}{tally.moves[kind]:>7}{Money(tally.paise[kind])!s:>18}"
    yield f"  {'in all':22}{tally.moves.total():>7}{Money(tally.paise.total())!s:>18}"
    yield ""
    yield (
        f"{tally.requests} requests, half of them within {tally.percentile(50):.0f} ms,"
        f" 95 % within {tally.percentile(95):.0f} ms"
    )
    if tally.waits:
        yield f"{tally.waits} times a server asked to come back in a moment"
    yield from _listed(f"{tally.refusals.total()} refused by a rule", tally.refusals.most_common())
    kinds = [(f"{step}: {why}", count) for (step, why), count in tally.failures.most_common()]
    yield from _listed(f"{tally.failures.total()} failed", kinds)


def _listed(title: str, counted: list[tuple[str, int]]) -> Iterator[str]:
    yield title
    for what, count in counted:
        yield f"  {count:>5} × {what}"
