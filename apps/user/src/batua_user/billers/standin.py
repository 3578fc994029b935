"""A stand-in for billers, for development: each behaves as a company of its own would.

It keeps its own book, ``wallet.biller_answer``, and answers a payment that it knows as it
did before. What goes wrong in real life is asked for by how the customer's number ends.
"""

import hashlib
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import func, select

from batua_db.database import db, transaction
from batua_db.models.payments import BillerAnswer
from batua_db.money import Money
from batua_ui.filters import INDIA

from .catalogue import Listing
from .values import Bill, BillerSilent, Confirmed, Rejected

SLOW, REFUSES, ANSWER_LOST, NOTHING_DUE, BILL_LOST = "001", "002", "003", "004", "005"
SLOW_FOR = timedelta(seconds=10)
NAMES = ("Lakshmi V.", "Arjun N.", "Fatima S.", "Joseph K.", "Harpreet G.", "Ananya B.")
PAYING_ENDINGS = {
    SLOW: "takes ten seconds to answer",
    REFUSES: "refuses, so the money comes back",
    ANSWER_LOST: "takes the payment, but its first answer is lost",
}
BILL_ENDINGS = {
    NOTHING_DUE: "has no bill to pay",
    BILL_LOST: "does not answer when asked for a bill",
}


class StandIn:
    """One biller of the catalogue."""

    def __init__(self, listing: Listing) -> None:
        self._code = listing.code
        self._fetched = listing.kind.fetched

    def fetch(self, reference: str) -> Bill | None:
        """Look up this month's bill; ``None`` once it is paid."""
        if reference.endswith(BILL_LOST):
            raise BillerSilent(f"{self._code} did not answer")
        with transaction():
            paid = self._is_paid(reference)
        return None if paid or reference.endswith(NOTHING_DUE) else self._bill(reference)

    def pay(self, payment_id: UUID, reference: str, amount: Money) -> Confirmed | Rejected:
        """Take a payment, or refuse it; the book says which from the first time on."""
        with transaction():
            self._one_at_a_time(reference)
            known = db.session.get(BillerAnswer, payment_id)
            answer = known or self._write(payment_id, reference, amount)
            late = reference.endswith(SLOW) and datetime.now(UTC) < answer.created_at + SLOW_FOR
            lost = reference.endswith(ANSWER_LOST) and known is None
            said = Confirmed(answer.confirmation) if answer.confirmation else None
            said = said or Rejected(answer.refusal)
        if late or lost:
            raise BillerSilent(f"{self._code} did not answer")
        return said

    def _write(self, payment_id: UUID, reference: str, amount: Money) -> BillerAnswer:
        refusal = self._refusal(reference, amount)
        number = f"{self._code[:3]}{payment_id.int % 10**12:012}"
        answer = BillerAnswer(
            payment_id=payment_id,
            biller_code=self._code,
            reference=reference,
            amount=amount,
            refusal=refusal,
            confirmation="" if refusal else number,
        )
        db.session.add(answer)
        db.session.flush()
        return answer

    def _refusal(self, reference: str, amount: Money) -> str:
        if reference.endswith(REFUSES):
            return "There is no active connection with this number."
        if not self._fetched:
            return ""
        if self._is_paid(reference):
            return "This month’s bill was paid already."
        bill = self._bill(reference)
        return "" if amount == bill.amount else f"The bill is now {bill.amount}."

    def _bill(self, reference: str) -> Bill:
        """This month's bill of a customer: made up, and the same whenever it is asked for."""
        month = datetime.now(INDIA).date().replace(day=1)
        digest = hashlib.sha256(f"{self._code}:{reference}:{month}".encode()).digest()
        of_customer = hashlib.sha256(reference.encode()).digest()
        return Bill(
            number=f"{month:%y%m}{int.from_bytes(digest[:4]) % 10**6:06}",
            name=NAMES[of_customer[0] % len(NAMES)],
            due_on=month + timedelta(days=14 + digest[4] % 14),
            amount=Money(200_00 + int.from_bytes(digest[5:7]) % 3600 * 50),
        )

    def _is_paid(self, reference: str) -> bool:
        """Whether this month's bill was paid here."""
        if not self._fetched:
            return False
        month = datetime.combine(datetime.now(INDIA).date().replace(day=1), time(), INDIA)
        paid = select(BillerAnswer.payment_id).where(
            BillerAnswer.biller_code == self._code,
            BillerAnswer.reference == reference,
            BillerAnswer.confirmation != "",
            BillerAnswer.created_at >= month,
        )
        return db.session.scalar(paid.limit(1)) is not None

    def _one_at_a_time(self, reference: str) -> None:
        """Two payments of one bill at once: the second is refused."""
        lock = func.hashtextextended(f"{self._code}:{reference}", 0)
        db.session.execute(select(func.pg_advisory_xact_lock(lock)))
