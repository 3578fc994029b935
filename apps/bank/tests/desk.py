"""What staff of the bank press at its desk, and what stands on record then."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from batua_bank.desk.accounts import service as accounts
from batua_db.database import db
from batua_db.models.bank import Payment
from batua_db.models.bank_desk import Act, Staff
from batua_db.money import Money
from batua_dev.client import FreshClient

AtDesk = Callable[..., FreshClient]
GetStaff = Callable[..., Staff]
AccountOf = Callable[..., UUID]


def inr(amount: str) -> Money:
    return Money.parse(amount)


def acts(subject: object = None) -> Sequence[str]:
    """What is on record, oldest first; of one subject, or all of it."""
    db.session.commit()
    query = select(Act.what).order_by(Act.created_at)
    if subject:
        query = query.where(Act.subject == str(subject))
    return db.session.scalars(query).all()


def deposit(clerk: Staff, account: UUID, amount: str = "1000") -> UUID:
    """Take cash; returns the transfer."""
    note = "Counted at the counter"
    return accounts.cash(clerk, account, way="in", amount=inr(amount), note=note, key=uuid4())


def pay(api: Any, customer: Callable[..., FreshClient], approval: Callable[..., Any]) -> Payment:
    """A payment of ₹500 from Asha to the wallet."""
    session = api.ask()
    browser = customer()
    page = f"{session['path']}/approve"
    terms = approval()
    fields = {name: terms[name] for name in ("account", "mpin", "key", "action")}
    token = browser.get(page).text.partition('name="csrf_token"')[2].split('value="')[1]
    sent = browser.post(page, data={**fields, "csrf_token": token.split('"')[0]})
    assert sent.status_code == 303, sent.text
    db.session.commit()
    return db.session.scalars(
        select(Payment).where(Payment.session_id == UUID(session["id"]))
    ).one()
