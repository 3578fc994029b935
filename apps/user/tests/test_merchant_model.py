"""Hypothesis runs a business while things die between any two steps; at rest, all adds up."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run
from sqlalchemy import func, select, text, update

from batua_bank import demo
from batua_db import credentials, fields, ledger
from batua_db.database import db, transaction
from batua_db.errors import DomainError, IdempotencyMismatch
from batua_db.models.bank import BankAccount
from batua_db.models.ledger import Transfer
from batua_db.models.payments import LinkedAccount, Merchant, Payment, Payout, Refund
from batua_db.models.wallet import Message, User
from batua_db.money import Money
from batua_dev.lengths import at_length
from batua_user import steps
from batua_user.bank.client import BankClient
from batua_user.house import fees, in_flight
from batua_user.merchants import refunds
from batua_user.payments import links
from batua_user.payments import service as paying
from batua_user.payouts import asking
from batua_user.payouts import service as payouts
from batua_user.settlements import service as settling

from .helpers import PIN, MakeUser
from .next_door import NextDoor
from .shops import open_shop
from .the_bank import platform_at

ASHA = demo.CUSTOMERS[0]
NOBODY = "999999999999"  # an account that the bank does not know
FUNDS = Money(3000_00)
PICK = st.integers(0, 30)
RUPEES = st.integers(1, 400)


class Killed(BaseException):
    """The process is no more."""


@contextmanager
def dies(where: tuple[Any, str, str]) -> Iterator[list[str]]:
    """Die just before or after a step; what the transaction held is lost."""
    owner, name, side = where
    step, died = getattr(owner, name), list[str]()

    def last(*arguments: Any, **named: Any) -> Any:
        if side == "after":
            step(*arguments, **named)
        died.append(name)
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, name, last)
        try:
            yield died
        except Killed:
            db.session.rollback()


PAYING = {
    "paid, not committed": (ledger, "move", "after"),
    "paid, nobody told": (paying, "tell", "before"),
    "paid, no answer": (paying, "pay", "after"),
}
REFUNDING = {
    "back, not committed": (ledger, "move", "after"),
    "back, nobody told": (refunds, "tell", "before"),
    "back, no answer": (refunds, "refund", "after"),
}
SETTLING = {
    "taken, not committed": (ledger, "move_all", "after"),
    "taken, not launched": (payouts, "launch", "before"),
    "taken, nobody asks": (settling, "pay", "after"),
}
ASKING = {
    "claimed": (asking, "ask", "before"),
    "ordered, answer lost": (BankClient, "pay_out", "after"),
    "ordered, not noted": (asking, "_take", "before"),
    "outcome, not committed": (payouts, "settle", "after"),
    "outcome, noted": (asking, "_take", "after"),
}
ALL = {**PAYING, **REFUNDING, **SETTLING, **ASKING}
SEEN: Counter[str] = Counter()
RARE = {
    *(f"died: {each}" for each in ALL),
    *("paid", "returned", "order twice", "too much back", "short of takings", "frozen"),
    *("back while frozen", "all given back", "key reused", "asked after the end"),
}


class Machine(RuleBasedStateMachine):
    """A business, two who pay it, and its owner's two accounts, one of which is none."""

    make_user: Callable[..., User]
    door: NextDoor

    @initialize()
    def start(self) -> None:
        owner = self.make_user("Asha Rao")
        self.owner_id, self.shop_id = owner.id, open_shop(owner).id
        self.payer_ids = [self.make_user(f"Payer {n}", funds="3000").id for n in range(2)]
        self.good, self.bad = (self.link(number) for number in (ASHA.account, NOBODY))
        self.orders, self.ended = 0, dict[UUID, str]()

    def link(self, number: str) -> UUID:
        account = LinkedAccount(
            id=uuid4(),
            user_id=self.owner_id,
            bank_code="SBB",
            ifsc=ASHA.bank.ifsc,
            holder="Asha Rao",
            number_sealed=fields.seal(number),
            number_hash=fields.fingerprint(number),
            last_digits=number[-4:],
            usable_at=func.now(),
        )
        with transaction():
            db.session.add(account)
        return account.id

    @property
    def owner(self) -> User:
        return db.session.get_one(User, self.owner_id)

    @property
    def shop(self) -> Merchant:
        return db.session.get_one(Merchant, self.shop_id)

    def payer(self, who: int) -> User:
        return db.session.get_one(User, self.payer_ids[who])

    @rule(who=st.integers(0, 1), rupees=RUPEES, at=st.sampled_from([None, None, *PAYING]))
    def pay(self, who: int, rupees: int, at: str | None) -> None:
        self.pay_with(who, rupees, at, None)

    def pay_with(self, who: int, rupees: int, at: str | None, token: str | None) -> None:
        """Prepare, pay, and pay again if it died: a person presses the button once more."""
        key, terms = uuid4(), {"amount": Money(rupees * 100), "note": "", "token": token}
        try:
            paying.prepare(self.payer(who), self.shop, key=key, **terms)
        except DomainError:
            SEEN["short"] += 1
            return
        with dies(PAYING[at]) if at else nullcontext([]) as died:
            self.pay_again(who, key, token)
        SEEN[f"died: {at}"] += len(died)
        if died:
            self.pay_again(who, key, token)

    def pay_again(self, who: int, key: UUID, token: str | None) -> None:
        self.tried(lambda: paying.pay(self.payer(who), key, pin=PIN, token=token))

    def tried(self, verb: Callable[[], Any]) -> None:
        try:
            verb()
        except DomainError as error:
            SEEN["frozen" if "frozen" in str(error) else "refused"] += 1
            SEEN["order twice"] += isinstance(error, paying.OrderPaid)
            SEEN["too much back"] += "give back" in str(error)
            SEEN["short of takings"] += "Your takings are" in str(error)

    @rule(rupees=RUPEES)
    def one_order_by_two(self, rupees: int) -> None:
        """Both look before either pays."""
        self.freeze(0, frozen=False)
        self.orders += 1
        terms = {"amount": Money(rupees * 100), "order_no": f"A-{self.orders}"}
        token = links.sign(self.shop_id, **terms, lasts=timedelta(hours=1))
        keys, before = [uuid4(), uuid4()], SEEN["order twice"]
        more = {"amount": terms["amount"], "note": "", "token": token}
        for who, key in enumerate(keys):
            self.tried(lambda who=who, key=key: self.prepare(who, key, more))
        for who, key in enumerate(keys):
            if db.session.get(Payment, key):
                self.pay_again(who, key, token)
        paid = [key for key in keys if (row := db.session.get(Payment, key)) and row.paid_at]
        assert len(paid) <= 1
        assert len(paid) == 1 or SEEN["order twice"] == before

    def prepare(self, who: int, key: UUID, terms: dict[str, Any]) -> None:
        paying.prepare(self.payer(who), self.shop, key=key, **terms)

    @precondition(lambda self: self.paid())
    @rule(pick=PICK, rupees=RUPEES, all_=st.booleans(), at=st.sampled_from([None, *REFUNDING]))
    def refund(self, pick: int, rupees: int, all_: bool, at: str | None) -> None:
        paid = self.paid()
        payment = paid[pick % len(paid)]
        left = payment.amount - payment.refunded
        amount = left if all_ and left else Money(rupees * 100)
        terms = {"amount": amount, "reason": "", "key": uuid4(), "pin": PIN}
        payment_id = payment.id
        frozen = ledger.lock([payment.merchant.account_id])[payment.merchant.account_id].status
        with dies(REFUNDING[at]) if at else nullcontext([]) as died:
            self.tried(lambda: refunds.refund(self.owner, payment_id, **terms))
        SEEN[f"died: {at}"] += len(died)
        if died:
            self.tried(lambda: refunds.refund(self.owner, payment_id, **terms))
        made = db.session.get(Refund, terms["key"])
        SEEN["back while frozen"] += made is not None and frozen == "frozen"
        SEEN["all given back"] += made is not None and amount == left
        if made:
            other = {**terms, "reason": "Else"}
            with pytest.raises(IdempotencyMismatch):
                refunds.refund(self.owner, payment_id, **other)
            SEEN["key reused"] += 1

    @precondition(lambda self: ledger.balance(self.shop.account_id).paise >= 1_00)
    @rule(
        part=st.integers(1, 3),
        good=st.booleans(),
        at=st.sampled_from([None, *SETTLING]),
        asks=st.sampled_from([None, *ASKING]),
    )
    def settle(self, part: int, good: bool, at: str | None, asks: str | None) -> None:
        held = ledger.balance(self.shop.account_id)
        amount, key = max(Money(held.paise // part), Money(1_00)), uuid4()
        account = self.good if good else self.bad
        settling.prepare(self.owner, self.shop, amount=amount, bank_account=account, key=key)
        with dies(SETTLING[at]) if at else nullcontext([]) as died:
            self.tried(lambda: settling.pay(self.owner, key, pin=PIN))
        SEEN[f"died: {at}"] += len(died)
        if died:
            self.tried(lambda: settling.pay(self.owner, key, pin=PIN))
        self.ask(asks)

    @rule(at=st.sampled_from([None, *ASKING]))
    def ask(self, at: str | None) -> None:
        due()
        with dies(ASKING[at]) if at else nullcontext([]) as died:
            asking.poll()
        SEEN[f"died: {at}"] += len(died)

    @rule(at=st.sampled_from([None, *ASKING]))
    def bank_works(self, at: str | None) -> None:
        self.no_transaction_stays_open()
        self.door.work()
        self.ask(at)

    @rule()
    def ask_after_the_end(self) -> None:
        for payout in self.payouts():
            if payout.state in {"paid", "returned"}:
                asking.ask(payout.id)
                SEEN["asked after the end"] += 1

    @rule(which=st.integers(0, 2), frozen=st.booleans())
    def freeze(self, which: int, frozen: bool) -> None:
        people = [self.payer(0).account_id, self.payer(1).account_id, self.shop.account_id]
        with transaction():
            ledger.set_status(people[which], "frozen" if frozen else "open")

    # What happens too seldom by itself

    def seldom(self) -> None:
        """Every place at which a process can end, and what else is rare, each once."""
        for at in ALL:
            self.pay(0, 20, at if at in PAYING else None)
            if at in REFUNDING:
                self.refund(-1, 5, all_=False, at=at)
            elif at in SETTLING:
                self.settle(2, good=True, at=at, asks=None)
            elif at in ASKING:
                self.settle(2, good=at != "claimed", at=None, asks=at)
                self.bank_works(at)
        self.short_and_frozen()
        self.one_order_by_two(20)
        self.ask_after_the_end()

    def short_and_frozen(self) -> None:
        self.pay(0, 30, None)
        self.settle(1, good=True, at=None, asks=None)
        self.refund(-1, 1, all_=True, at=None)  # the takings are gone
        self.pay(1, 30, None)
        self.refund(-1, 400, all_=False, at=None)
        self.freeze(2, frozen=True)
        self.settle(1, good=True, at=None, asks=None)
        self.refund(-1, 1, all_=True, at=None)
        self.freeze(2, frozen=False)

    @rule()
    def fold(self) -> None:
        ledger.fold()

    def paid(self) -> list[Payment]:
        db.session.rollback()
        query = select(Payment).where(Payment.merchant_id == self.shop_id)
        query = query.where(Payment.paid_at.is_not(None)).order_by(Payment.paid_at)
        return list(db.session.scalars(query))

    def payouts(self) -> list[Payout]:
        db.session.rollback()
        query = select(Payout).where(Payout.merchant_id == self.shop_id)
        return list(db.session.scalars(query.order_by(Payout.created_at)))

    @invariant()
    def takings_are_what_came_less_what_went(self) -> None:
        came = sum((each.amount - each.refunded for each in self.paid()), Money(0))
        away = [each for each in self.payouts() if each.state in {"in_flight", "paid"}]
        went = sum((each.amount + each.fee for each in away), Money(0))
        assert ledger.balance(self.shop.account_id) == came - went

    @invariant()
    def refunds_go_to_the_payer_of_record_and_are_no_more_than_paid(self) -> None:
        for payment in self.paid():
            payer = db.session.get_one(User, payment.payer_id)
            given = db.session.execute(
                select(Refund.amount, Transfer.amount, Transfer.credit_account)
                .join(Transfer, Transfer.id == Refund.transfer_id)
                .where(Refund.payment_id == payment.id, Transfer.reverses == payment.transfer_id)
            ).all()
            assert payment.refunded <= payment.amount
            assert payment.refunded == sum((row[0] for row in given), Money(0))
            assert {row[2] for row in given} <= {payer.account_id}
            assert all(row[0] == row[1] for row in given)

    @invariant()
    def people_have_what_they_did_not_pay(self) -> None:
        for id_ in self.payer_ids:
            mine = [each for each in self.paid() if each.payer_id == id_]
            kept = sum((each.amount - each.refunded for each in mine), Money(0))
            payer = db.session.get_one(User, id_)
            assert ledger.balance(payer.account_id) == FUNDS - kept
            sms = select(func.count()).where(Message.to == payer.phone)
            assert db.session.scalar(sms) == len(mine)

    @invariant()
    def outcomes_stay(self) -> None:
        for each in self.payouts():
            assert each.state == self.ended.get(each.id, each.state)
            if each.state in {"paid", "returned"}:
                self.ended[each.id] = each.state

    @invariant()
    def no_transaction_stays_open(self) -> None:
        """The server ends those that idle."""
        db.session.rollback()

    def teardown(self) -> None:
        if "owner_id" not in self.__dict__:
            return
        for _ in range(3):
            self.no_transaction_stays_open()
            self.door.work()
            due()
            asking.poll()
        for each in self.payouts():
            SEEN[each.state] += 1
            self.rests(each)
        self.takings_are_what_came_less_what_went()
        self.people_have_what_they_did_not_pay()
        self.house_agrees()

    def rests(self, each: Payout) -> None:
        """Taken once with its fee, and one outcome, which gives back both or neither."""
        mine = Transfer.key.startswith(f"settlement:{each.id}") & (Transfer.book == "wallet")
        moved = Counter(db.session.scalars(select(Transfer.kind).where(mine)))
        told = [step.what for step in steps.of(each.id) if step.what != "ordered"]
        taken = {"settlement": 1, **({"settlement_fee": 1} if each.fee else {})}
        match each.state:
            case "prepared":
                assert (moved, told) == (Counter(), [])
            case "paid":
                assert moved == Counter({**taken, "settlement_paid": 1})
                assert told == ["taken", "paid"]
            case state:
                back = {"settlement_returned": 1, **({"fee_returned": 1} if each.fee else {})}
                assert (state, moved) == ("returned", Counter({**taken, **back}))
                assert told == ["taken", "returned"]

    def house_agrees(self) -> None:
        """Nothing is in flight; what was earned, and what the bank paid out, is what we say."""
        paid = db.session.execute(
            select(Payout.amount, Payout.fee).where(Payout.state == "paid")
        ).all()
        db.session.rollback()
        with transaction():
            assert ledger.balance(in_flight()) == Money(0)
            assert ledger.balance(fees()) == sum((row.fee for row in paid), Money(0))
        theirs = select(Transfer.amount).where(Transfer.book == "bank", Transfer.kind == "payout")
        out = sum(db.session.scalars(theirs), Money(0))
        assert out == sum((row.amount for row in paid), Money(0))
        assert db.session.execute(text("SELECT * FROM ledger.audit()")).all() == []


def due() -> None:
    with transaction():
        late = func.clock_timestamp() - timedelta(seconds=1)
        db.session.execute(update(Payout).where(Payout.check_at.is_not(None)).values(check_at=late))


@pytest.mark.commits
@pytest.mark.usefixtures("committed", "cache")
def test_a_business_adds_up_whatever_dies(
    make_user: MakeUser, door: NextDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What a PIN is worth is shown elsewhere, and takes its time on purpose.
    monkeypatch.setattr(credentials, "verify_pin", lambda _hash, pin: pin == PIN)
    SEEN.clear()
    with transaction():
        hers = select(BankAccount.id).where(BankAccount.number == ASHA.account)
        platform = platform_at("SBB")
        ledger.move(
            Money(50_000_00),
            debit=db.session.scalars(hers).one(),
            credit=platform,
            kind="payment",
            key="all",
        )
    Machine.make_user, Machine.door = staticmethod(make_user), door
    first = Machine()
    first.start()
    first.seldom()
    first.teardown()
    run(
        Machine,
        settings=settings(
            max_examples=at_length(6, 60),
            stateful_step_count=at_length(12, 40),
            deadline=None,
            database=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
    assert {branch for branch in RARE if not SEEN[branch]} == set(), SEEN
