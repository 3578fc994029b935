"""What a biller is asked, and what it says: one interface, whoever is behind it."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from batua_db.money import Money


class BillerSilent(Exception):
    """No answer that can be relied on: it may or may not have happened. Ask again, the same."""


@dataclass(frozen=True, slots=True)
class Bill:
    """What is to be paid for a customer's number."""

    number: str
    name: str  # the customer's, as far as the biller shows it
    due_on: date
    amount: Money


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The biller has taken the payment; ``number`` is its word for it."""

    number: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """The biller will not have the payment; ``reason`` is a sentence for the payer."""

    reason: str


class Biller(Protocol):
    """A company whose bills are paid here."""

    def fetch(self, reference: str) -> Bill | None:
        """Look up what is due for a customer's number; ``None`` if there is nothing.

        Raises ``BillerSilent``.
        """
        ...

    def pay(self, payment_id: UUID, reference: str, amount: Money) -> Confirmed | Rejected:
        """Take a payment, once for each ``payment_id``: asked again, the answer is the same.

        Raises ``BillerSilent``.
        """
        ...
