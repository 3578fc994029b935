"""A receipt: one line in full, with what its operation knows about it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import select

from batua_db.database import db
from batua_db.models.ledger import Transfer
from batua_db.models.payments import BillPayment, Payment, Payout, Refund
from batua_db.models.wallet import Topup, User
from batua_db.money import Money
from batua_user import steps
from batua_user.billers import timeline as bill_timeline
from batua_user.payouts import timeline as payout_timeline
from batua_user.story import Story
from batua_user.topups import timeline as topup_timeline

from . import kinds, queries
from .lines import Line

Facts = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Operation:
    """What a movement was part of: facts of its own, its story, its page, and how to repeat it."""

    facts: Facts = field(default_factory=list[tuple[str, str]])
    story: Story | None = None
    page: str | None = None
    again: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """A line with its operation, and the movements that took some of it back."""

    line: Line
    operation: Operation
    taken_back: Sequence[tuple[UUID, Money]]

    @property
    def verb(self) -> str:
        """What was done."""
        return kinds.verb_of(self.line.kind, came_in=self.line.came_in)


def of(user: User, transfer_id: UUID) -> Receipt:
    """My receipt of a transfer; one between others is not there."""
    line = queries.find(user, transfer_id)
    look = OPERATIONS.get(line.kind)
    found = look(user, line) if look else None
    back = select(Transfer.id, Transfer.amount).where(Transfer.reverses == transfer_id)
    rows = db.session.execute(back.order_by(Transfer.created_at)).all()
    return Receipt(line, found or Operation(), [(row.id, row.amount) for row in rows])


def _send(_: User, line: Line) -> Operation:
    if line.party.kind != "person":
        return Operation()
    word = "Send back" if line.came_in else "Send again"
    return Operation(again=(word, f"/send?to={line.party.id}"))


def _topup(user: User, line: Line) -> Operation | None:
    mine = select(Topup).where(Topup.id == line.operation, Topup.user_id == user.id)
    topup = db.session.scalar(mine)
    if topup is None:
        return None
    same = urlencode({"amount": str(topup.amount), "bank": topup.bank_code})
    return Operation(
        facts=_facts(("Bank’s reference", topup.payment_id)),
        story=topup_timeline.tell(topup, steps.of(topup.id)),
        page=f"/add-money/{topup.id}",
        again=("Add again", f"/add-money?{same}"),
    )


def _payout(user: User, line: Line) -> Operation | None:
    mine = select(Payout).where(Payout.id == line.operation, Payout.user_id == user.id)
    payout = db.session.scalar(mine)
    if payout is None:
        return None
    account = payout.linked_account
    return Operation(
        facts=_facts(
            ("Account", f"{account.holder}, {account.bank.name} ··{account.last_digits}"),
            ("Bank’s reference", payout.bank_payout_id),
            ("The bank says", payout.failure),
        ),
        story=payout_timeline.tell(payout, steps.of(payout.id)),
        page=f"/withdraw/{payout.id}",
    )


def _payment(user: User, line: Line) -> Operation | None:
    mine = select(Payment).where(Payment.id == line.operation, Payment.payer_id == user.id)
    payment = db.session.scalar(mine)
    if payment is None:
        return None
    return Operation(
        facts=_facts(("Order", payment.order_no)), again=("Pay again", f"/pay/{line.party.id}")
    )


def _refund(user: User, line: Line) -> Operation | None:
    mine = select(Refund).join(Payment).where(Payment.payer_id == user.id)
    refund = db.session.scalar(mine.where(Refund.id == line.operation))
    if refund is None:
        return None
    return Operation(facts=_facts(("Reason", refund.reason)))


def _bill(user: User, line: Line) -> Operation | None:
    mine = (BillPayment.id == line.operation, BillPayment.payer_id == user.id)
    bill = db.session.scalar(select(BillPayment).where(*mine))
    if bill is None:
        return None
    return Operation(
        facts=_facts(
            ("Customer number", bill.reference),
            ("Bill", bill.bill_no),
            ("Name on the bill", bill.bill_name),
            ("Biller’s confirmation", bill.confirmation),
        ),
        story=bill_timeline.tell(bill, steps.of(bill.id)),
        page=f"/pay/{bill.biller_code}/{bill.id}",
        again=("Pay again", f"/pay/{bill.biller_code}?again={bill.id}"),
    )


def _facts(*facts: tuple[str, str | None]) -> Facts:
    """Those that are known."""
    return [(label, value) for label, value in facts if value]


OPERATIONS: dict[str, Callable[[User, Line], Operation | None]] = {
    "send": _send,
    "topup": _topup,
    "withdrawal": _payout,
    "withdrawal_returned": _payout,
    "payment": _payment,
    "payment_refund": _refund,
    "bill": _bill,
    "bill_refund": _bill,
}
