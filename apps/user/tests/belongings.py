"""Somebody who has one of everything, with words and figures that are nobody else's."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, select, text, update
from sqlalchemy.orm import InstrumentedAttribute

from batua_db.database import Base, db, transaction
from batua_db.models.ledger import Entry
from batua_db.models.people import Notice
from batua_db.models.wallet import Tier, User
from batua_db.money import Money
from batua_user.billers import preparing, service
from batua_user.billers.catalogue import LISTINGS
from batua_user.kyc import service as kyc
from batua_user.transfers import service as transfers
from batua_user.withdrawals import service as withdrawals

from .helpers import PIN, MakeTopup, linked_account

NAME = "Zerubavela Quillworthy"
# What a page about this person would show: names, sums, notes, numbers.
WORDS = (
    *("Zerubavela", "Quillworthy", "zephyr lamp", "walnut stairs", "Thistlewood"),
    *("7,771.13", "1,234.57", "1,113.19", "2,221.31", "1,117.23", "631.04", "177.17"),
    *("··8642", "018100008642", "9845077889", "9845077123", "ZQXPZ4321Q"),
)


@dataclass
class Belongings:
    """What is somebody's: ids by the name that routes give them, and what names it in a row."""

    owner: User
    ids: dict[str, list[UUID]] = field(default_factory=dict)

    def rows(self) -> set[str]:
        """Every row of every table that names this person, their account or their phone."""
        return rows_with({str(self.owner.id), str(self.owner.account_id), self.owner.phone})

    def pieces(self) -> set[str]:
        """Every row that has an id of theirs in it."""
        return rows_with({str(one) for some in self.ids.values() for one in some})


def rows_with(marks: set[str]) -> set[str]:
    """Every row of every table in which a mark occurs."""
    found = set[str]()
    for table in Base.metadata.sorted_tables:
        rows = db.session.scalars(text(f"SELECT t::text FROM {table.fullname} t"))  # noqa: S608
        found |= {row for row in rows if any(mark in row for mark in marks)}
    return found


def one_of_everything(user: User, payee: User, make_topup: MakeTopup) -> Belongings:
    """Let ``user``, who is called ``NAME`` and has ₹20,000, use whatever there is."""
    account = linked_account(user, "018100008642")
    has = Belongings(
        user,
        {
            "person_id": [user.id],
            "payee_id": [user.id],
            "topup_id": [make_topup(user, "7771.13"), make_topup(user, "177.17")],
            "order_id": _sends(user, payee),
            "account_id": [account],
            "payout_id": _withdraws(user, account),
            "payment_id": _pays_bills(user),
            "kyc_id": [_asks(user)],
        },
    )
    has.ids["notice_id"] = _of(Notice.id, Notice.user_id == user.id)
    has.ids["transfer_id"] = _of(Entry.transfer_id, Entry.account_id == user.account_id)
    assert all(has.ids.values()), has.ids
    return has


def _sends(user: User, payee: User) -> list[UUID]:
    orders = [
        transfers.prepare(
            user, phone=payee.phone, amount=Money.parse(amount), note=note, key=uuid4()
        )
        for amount, note in (("1234.57", "zephyr lamp"), ("1113.19", "walnut stairs"))
    ]
    transfers.pay(user, orders[0], pin=PIN)
    return orders


def _withdraws(user: User, account: UUID) -> list[UUID]:
    orders = [
        withdrawals.prepare(user, amount=Money.parse(amount), bank_account=account, key=uuid4())
        for amount in ("2221.31", "1117.23")
    ]
    withdrawals.pay(user, orders[0], pin=PIN)
    return orders


def _pays_bills(user: User) -> list[UUID]:
    bills = [
        preparing.prepare(
            user,
            LISTINGS["TARANG"],
            reference=reference,
            note="Thistlewood",
            key=uuid4(),
            amount=Money.parse("631.04"),
        )
        for reference in ("9845077889", "9845077123")
    ]
    service.pay(user, bills[0], pin=PIN)
    return bills


def _asks(user: User) -> UUID:
    """As this person did while their wallet was a small one."""
    _become(user, "small")
    asked = kyc.ask(user, name=NAME, pan="ZQXPZ4321Q", birth_date=date(1990, 7, 31))
    _become(user, "full")
    return asked


def _become(user: User, tier: Tier) -> None:
    with transaction():
        db.session.execute(update(User).where(User.id == user.id).values(tier=tier))
    db.session.refresh(user)


def _of(column: InstrumentedAttribute[UUID], whose: ColumnElement[bool]) -> list[UUID]:
    return list(db.session.scalars(select(column).where(whose)))
