"""Reads of consents, and of what was used of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Select, cast, func, select

from batua_db.database import db
from batua_db.models.bank import Customer, Payment
from batua_db.models.netbanking import Consent
from batua_db.money import Money, MoneyColumn

INDIA = "Asia/Kolkata"  # where months begin


@dataclass(frozen=True, slots=True)
class Standing:
    """A consent this moment: whether its time is up, and what was used of it this month."""

    consent: Consent
    over: bool
    used: Money

    @property
    def status(self) -> str:
        """``active``, ``revoked`` or ``expired``."""
        return "expired" if self.over and self.consent.status == "active" else self.consent.status

    @property
    def left(self) -> Money:
        """What may still be taken this month."""
        if self.status != "active":
            return Money(0)
        return max(self.consent.cap - self.used, Money(0))


def of_client(client: str, *which: ColumnElement[bool]) -> list[Standing]:
    """Consents that customers gave this platform."""
    return _standing(select(Consent).where(Consent.client == client, *which))


def of_customer(customer: Customer) -> list[Standing]:
    """Every consent that a customer gave; what still holds comes first, then the latest."""
    mine = select(Consent).where(Consent.customer_id == customer.id)
    found = _standing(mine.order_by(Consent.created_at.desc()))
    return sorted(found, key=lambda each: each.status != "active")


def hold(consent_id: UUID, *whose: ColumnElement[bool]) -> Standing | None:
    """A consent as it is once nobody else holds it; nothing is taken by it until we commit."""
    query = select(Consent, _over()).where(Consent.id == consent_id, *whose)
    held = query.with_for_update(of=Consent, key_share=True).execution_options(
        populate_existing=True
    )
    row = db.session.execute(held).one_or_none()
    return Standing(row[0], row[1], _used([consent_id]).get(consent_id, Money(0))) if row else None


def _standing(query: Select[*tuple[Consent]]) -> list[Standing]:
    rows = db.session.execute(query.add_columns(_over())).all()
    used = _used([consent.id for consent, _ in rows])
    return [Standing(consent, over, used.get(consent.id, Money(0))) for consent, over in rows]


def _over() -> ColumnElement[bool]:
    return Consent.expires_at <= func.clock_timestamp()


def _used(consents: Sequence[UUID]) -> dict[UUID, Money]:
    """What was taken by each this calendar month. Refunds give nothing of it back."""
    month = func.date_trunc("month", func.clock_timestamp(), INDIA)
    rows = db.session.execute(
        select(Payment.consent_id, cast(func.sum(Payment.amount), MoneyColumn))
        .where(Payment.consent_id.in_(consents), Payment.captured_at >= month)
        .group_by(Payment.consent_id)
    )
    return {consent: used for consent, used in rows if consent}
