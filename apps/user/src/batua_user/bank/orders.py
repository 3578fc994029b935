"""What the bank is asked for, as its API takes it."""

from dataclasses import dataclass
from typing import Any

from batua_db.money import CURRENCY, Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentOrder:
    """What the bank is asked to collect. ``reference`` is also the idempotency key.

    ``consent`` is what we would like to take a month without asking again, if anything.
    """

    reference: str
    amount: Money
    bank: str
    description: str
    return_url: str
    consent: Money | None = None

    def as_json(self) -> dict[str, Any]:
        """As the API takes it."""
        terms = {
            "amount": self.amount.paise,
            "currency": CURRENCY,
            "bank": self.bank,
            "reference": self.reference,
            "description": self.description,
            "return_url": self.return_url,
        }
        return terms | {"consent": {"cap": self.consent.paise}} if self.consent else terms


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentOrder:
    """What is taken by a consent. ``reference`` is also the idempotency key."""

    reference: str
    amount: Money
    consent: str
    description: str

    def as_json(self) -> dict[str, Any]:
        """As the API takes it."""
        return {
            "amount": self.amount.paise,
            "currency": CURRENCY,
            "consent": self.consent,
            "reference": self.reference,
            "description": self.description,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutOrder:
    """Whom the bank is asked to pay; ``bank`` is whose platform account it comes from."""

    reference: str
    amount: Money
    bank: str
    account_number: str
    ifsc: str
    holder: str

    def as_json(self) -> dict[str, Any]:
        """As the API takes it."""
        return {
            "amount": self.amount.paise,
            "currency": CURRENCY,
            "bank": self.bank,
            "account_number": self.account_number,
            "ifsc": self.ifsc,
            "holder": self.holder,
            "reference": self.reference,
        }
