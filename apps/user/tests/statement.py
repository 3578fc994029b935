"""A bank's statement of our account there, as true or as false as a test wants it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from sqlalchemy import update

from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.models.desk import Difference, Halt
from batua_db.models.wallet import Bank, User
from batua_db.money import Money
from batua_user.reconciliation import queries
from batua_user.reconciliation.queries import Standing

from .stub import answer


@dataclass
class Statement:
    """Lines that a stub answers with; a test may change any of them by hand."""

    lines: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    lie: int | None = None  # what it says we have, if that is not what its lines say

    def moves(self, amount: int, reference: str = "") -> str:
        """Add a line, above zero for money in; its reference."""
        reference = reference or str(uuid4())
        kind = "payment" if amount > 0 else "payout"
        line = {"id": str(uuid4()), "reference": reference, "kind": kind, "amount": amount}
        at = datetime.now(UTC).isoformat()
        place = {"number": len(self.lines) + 1, "balance": self.balance + amount, "at": at}
        self.lines.append(line | place)
        return reference

    @property
    def balance(self) -> int:
        return self.lines[-1]["balance"] if self.lines else 0

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer as the bank's API does."""
        asked = urlsplit(handler.path)
        after = int(parse_qs(asked.query).get("after", ["0"])[0])
        if asked.path.endswith("/settlement"):
            balance = self.balance if self.lie is None else self.lie
            number = self.lines[-1]["number"] if self.lines else 0
            answer(handler, 200, {"bank": "SBB", "balance": balance, "number": number})
        else:
            items = [line for line in self.lines if line["number"] > after][:200]
            answer(handler, 200, {"items": items, "next": None})


def book(bank: Bank, person: User, amount: int, reference: str) -> None:
    """Book money that came from the bank, or went there if it is below zero."""
    debit, credit = bank.float_account, person.account_id
    if amount < 0:
        debit, credit = credit, debit
    what = ("topup", "settle") if amount > 0 else ("withdrawal", "outcome")
    with transaction():
        ledger.move(
            Money(abs(amount)),
            debit=debit,
            credit=credit,
            kind=what[0],
            key=f"{what[0]}:{reference}:{what[1]}",
        )


def standing() -> Standing:
    """How our book stands against the bank."""
    db.session.commit()
    found = queries.standing("SBB")
    assert found
    return found


def items() -> list[tuple[str, str, int, bool]]:
    """Every named difference: what, reference, paise, whether it is wrong."""
    return [(each.what, str(each.name), each.amount, each.wrong) for each in standing().found.items]


def halted() -> str:
    """Why payouts are stopped; empty if they are not."""
    db.session.commit()
    halt = db.session.get(Halt, "payouts")
    return halt.reason if halt else ""


def later(by: timedelta = timedelta(minutes=2)) -> None:
    """Let time pass for what differs."""
    columns = ("moved_at", "booked_at", "happened_at")
    with transaction():
        earlier = {name: getattr(Difference, name) - by for name in columns}
        db.session.execute(update(Difference).values(**earlier))
