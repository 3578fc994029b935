"""Somebody who has one of everything, with words and figures that are nobody else's."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, or_, select, text, update
from sqlalchemy.orm import InstrumentedAttribute

from batua_db.database import Base, db, transaction
from batua_db.models.desk import Act, Staff
from batua_db.models.ledger import Transfer
from batua_db.models.links import BankLink
from batua_db.models.payments import Merchant
from batua_db.models.people import Notice
from batua_db.models.wallet import Tier, User
from batua_db.money import Money
from batua_user.billers import preparing, service
from batua_user.billers.catalogue import LISTINGS
from batua_user.desk.corrections import service as corrections
from batua_user.kyc import service as kyc
from batua_user.merchants import refunds
from batua_user.payments import links
from batua_user.payments import service as payments
from batua_user.settlements import service as settlements
from batua_user.transfers import service as transfers
from batua_user.withdrawals import service as withdrawals

from .helpers import PIN, MakeTopup, linked_account
from .shops import open_shop
from .the_bank import TheBank

NAME = "Zerubavela Quillworthy"
# What stands above their business, for whoever might pay there.
SIGN = "Vellichor Tinsmiths"
# What their link asks for: whoever they send it to is meant to see that.
ASKED_FOR = ("1,919.43", "ORDER-QXZ-77")
# What a page about this person would show: names, sums, notes, numbers.
WORDS = (
    *("Zerubavela", "Quillworthy", "zephyr lamp", "walnut stairs", "Thistlewood"),
    *("7,771.13", "1,234.57", "1,113.19", "2,221.31", "1,117.23", "631.04", "177.17", "3,331.37"),
    *("··8642", "018100008642", "9845077889", "9845077123", "ZQXPZ4321Q"),
    # what they paid at a shop, and are about to; what their own took, gave back and settled
    *("1,313.57", "pewter snails", "1,717.61", "copper newts"),
    *("2,323.29", "quince jelly", "523.11", "cracked quince", "1,129.76", "611.02", *ASKED_FOR),
    # what the desk gave back to them, and is asked to
    *("271.83", "bergamot mistake", "314.15", "tamarind mistake"),
    # the bank that they need not go to
    *("··6427", "4,242.53"),
)


@dataclass
class Belongings:
    """What is somebody's: ids by the name that routes give them, and what names it in a row."""

    owner: User
    shop: Merchant
    ids: dict[str, Sequence[UUID | str]] = field(default_factory=dict)

    def rows(self) -> set[str]:
        """Every row of every table that names this person, their accounts or their phone."""
        accounts = {str(self.owner.account_id), str(self.shop.account_id)}
        return rows_with({str(self.owner.id), *accounts, self.owner.phone})

    def pieces(self) -> set[str]:
        """Every row that has an id of theirs in it."""
        return rows_with({str(one) for some in self.ids.values() for one in some})


def rows_with(marks: set[str]) -> set[str]:
    """Every row of every table in which a mark occurs."""
    return {row for row in all_rows() if any(mark in row for mark in marks)}


def all_rows() -> set[str]:
    """Every row of every table, but for the record of what staff do."""
    found = set[str]()
    for table in Base.metadata.sorted_tables:
        if table is not Act.__table__:
            rows = text(f"SELECT t::text FROM {table.fullname} t")  # noqa: S608
            found |= set(db.session.scalars(rows))
    return found


def one_of_everything(
    user: User, payee: User, make_topup: MakeTopup, bank: TheBank, desk: tuple[Staff, Staff]
) -> Belongings:
    """Let ``user``, who is called ``NAME``, use whatever there is.

    They and ``payee`` have ₹20,000 each. Of the two at the ``desk`` one proposes corrections,
    the other makes them.
    """
    account, shop = linked_account(user, "018100008642"), open_shop(user, SIGN, category="books")
    another = open_shop(payee, "Mani Stores")
    orders = _sends(user, payee)
    taken = _takes(payee, shop)
    settled = _settles(user, shop, account)
    out = _withdraws(user, account)
    bills = _pays_bills(user)
    paid = _pays_a_shop(user, another)
    topups = [*_adds(user, make_topup), _is_set_aside(user, make_topup, bank)]
    has = Belongings(
        user,
        shop,
        {
            "person_id": [user.id],
            "payee_id": [user.id],
            "topup_id": topups,
            "link_id": [_links(user, topups[0])],
            "order_id": orders,
            "account_id": [account],
            "payout_id": [*out, *settled],
            "settlement_id": settled,
            "payment_id": [*bills, *paid, *taken],
            "bill_id": bills,
            "paid_id": paid,
            "taken_id": taken,
            "refund_id": [_gives_back(user, taken[0])],
            "merchant_id": [shop.id, another.id],
            "token": [_asks_for(shop)],
            "request_id": [_asks(user)],
            "correction_id": _is_corrected(user, desk),
        },
    )
    mine = (user.account_id, shop.account_id)
    moved = or_(Transfer.debit_account.in_(mine), Transfer.credit_account.in_(mine))
    has.ids["notice_id"] = _of(Notice.id, Notice.user_id == user.id)
    has.ids["transfer_id"] = _of(Transfer.id, moved)
    operations = ("order_id", "topup_id", "payout_id", "payment_id", "refund_id", "transfer_id")
    has.ids["reference"] = [has.ids[kind][0] for kind in operations]
    assert all(has.ids.values()), has.ids
    return has


def _adds(user: User, make_topup: MakeTopup) -> list[UUID]:
    return [make_topup(user, "7771.13"), make_topup(user, "177.17")]


def _links(user: User, topup: UUID) -> UUID:
    """A bank that they need not go to again."""
    row = BankLink(
        id=uuid4(),
        user_id=user.id,
        bank_code="SBB",
        topup_id=topup,
        state="active",
        consent_id=str(uuid4()),
        account="6427",
        cap=Money.parse("4242.53"),
        expires_at=datetime.now(UTC) + timedelta(days=365),
    )
    with transaction():
        db.session.add(row)
    return row.id


def _is_set_aside(user: User, make_topup: MakeTopup, bank: TheBank) -> UUID:
    """The bank took a paisa less than was asked for."""
    topup = make_topup(user, "3331.37")
    assert bank.tell(bank.payment(topup, amount=3331_36)).status_code == 200
    return topup


def _sends(user: User, payee: User) -> list[UUID]:
    orders = [
        transfers.prepare(
            user, phone=payee.phone, amount=Money.parse(amount), note=note, key=uuid4()
        )
        for amount, note in (("1234.57", "zephyr lamp"), ("1113.19", "walnut stairs"))
    ]
    transfers.pay(user, orders[0], pin=PIN)
    return orders


def _is_corrected(user: User, desk: tuple[Staff, Staff]) -> list[UUID]:
    """A part of what they sent: once by two at the desk; and what one has proposed since."""
    (sent,) = _of(Transfer.id, Transfer.debit_account == user.account_id, Transfer.kind == "send")
    proposed = [
        corrections.propose(
            desk[0], sent, amount=Money.parse(amount), reason=f"A {reason}", key=uuid4()
        )
        for amount, reason in (("271.83", "bergamot mistake"), ("314.15", "tamarind mistake"))
    ]
    corrections.decide(desk[1], proposed[0], approve=True, reason="I have looked at it")
    return proposed


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


def _pays_a_shop(user: User, shop: Merchant) -> list[UUID]:
    """One is paid, the other one waits for the PIN."""
    orders = [
        payments.prepare(user, shop, amount=Money.parse(amount), note=note, key=uuid4(), token=None)
        for amount, note in (("1313.57", "pewter snails"), ("1717.61", "copper newts"))
    ]
    payments.pay(user, orders[0], pin=PIN, token=None)
    return orders


def _takes(payer: User, shop: Merchant) -> list[UUID]:
    """What somebody paid at their shop."""
    key, amount = uuid4(), Money.parse("2323.29")
    payments.prepare(payer, shop, amount=amount, note="quince jelly", key=key, token=None)
    payments.pay(payer, key, pin=PIN, token=None)
    return [key]


def _gives_back(user: User, payment: UUID) -> UUID:
    key, amount = uuid4(), Money.parse("523.11")
    refunds.refund(user, payment, amount=amount, reason="cracked quince", key=key, pin=PIN)
    return key


def _settles(user: User, shop: Merchant, account: UUID) -> list[UUID]:
    """₹1,129.76 on its way to the bank, and ₹611.02 to be confirmed; Batua keeps 1%."""
    orders = [
        settlements.prepare(
            user, shop, amount=Money.parse(amount), bank_account=account, key=uuid4()
        )
        for amount in ("1141.17", "617.19")
    ]
    settlements.pay(user, orders[0], pin=PIN)
    return orders


def _asks_for(shop: Merchant) -> str:
    """The link of an order that nobody has paid."""
    amount, order_no = ASKED_FOR
    return links.sign(
        shop.id, amount=Money.parse(amount), order_no=order_no, lasts=timedelta(hours=1)
    )


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


def _of(column: InstrumentedAttribute[UUID], *whose: ColumnElement[bool]) -> list[UUID]:
    return list(db.session.scalars(select(column).where(*whose)))
