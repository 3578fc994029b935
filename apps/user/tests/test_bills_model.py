"""Hypothesis pays bills while things die between any two steps; at rest, all is told once."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run
from sqlalchemy import func, select, text

from batua_db import credentials, ledger
from batua_db.database import db, transaction
from batua_db.errors import DomainError, IdempotencyMismatch
from batua_db.models.ledger import Transfer
from batua_db.models.payments import Biller, BillerAnswer, BillPayment
from batua_db.models.wallet import Message, User
from batua_db.money import Money
from batua_dev.dying import dies
from batua_dev.lengths import at_length
from batua_user import steps
from batua_user.billers import asking, demo, preparing, service, standin
from batua_user.billers.catalogue import LISTINGS
from batua_user.billers.standin import ANSWER_LOST, REFUSES, SLOW

from .bill_books import bills_due
from .helpers import PIN, MakeUser

PICK = st.integers(0, 30)
ENDINGS = st.sampled_from(["345", SLOW, REFUSES, ANSWER_LOST])
NEXT = {
    "prepared": {"prepared", "paid", "confirmed", "refunded"},
    "paid": {"paid", "confirmed", "refunded"},
    "confirmed": {"confirmed"},
    "refunded": {"refunded"},
}


PAYING = {
    "debit": (ledger, "move", "after"),  # moved, and not committed
    "telling": (service, "tell", "before"),
    "paid": (service, "pay", "after"),  # committed, and nobody asks
}
ASKING = {
    "claimed": (asking, "ask", "before"),
    "biller writes": (standin.StandIn, "_write", "after"),  # its own transaction is undone
    "biller has it": (service, "settle", "before"),  # it knows, and we don’t
    "outcome": (service, "add_step", "after"),
    "refund": (ledger, "move", "after"),
    "recorded": (service, "settle", "after"),
}
PAYS = st.sampled_from([None, None, *PAYING])
SEEN: Counter[str] = Counter()
RARE = {
    *(f"died: {each}" for each in (*PAYING, *ASKING)),
    *("confirmed", "refunded", "silent", "short", "frozen", "key reused", "said twice", "no bill"),
    *("refused: paid already", "refunded while frozen"),
}


class Machine(RuleBasedStateMachine):
    """What was asked for, and how far it has come."""

    make_user: Callable[..., User]

    @initialize()
    def start(self) -> None:
        self.person_id: UUID = self.make_user(funds="8000").id
        self.funds = Money(8000_00)
        self.asked: dict[UUID, tuple[str, str]] = {}
        self.last: dict[UUID, str] = {}
        self.batch, self.bills = uuid4().int % 10**3, uuid4().int % 500

    @property
    def payer(self) -> User:
        return db.session.get_one(User, self.person_id)

    @rule(ending=ENDINGS, rupees=st.integers(10, 900), pays=st.booleans(), at=PAYS)
    def recharge(self, ending: str, rupees: int, pays: bool, at: str | None) -> None:
        self.prepare("TARANG", f"9845{self.batch:03}{ending}", Money(rupees * 100))
        if pays:
            self.pay(-1, at, asks=False)

    @rule(ending=st.sampled_from(["345", ANSWER_LOST]))
    def bill(self, ending: str) -> None:
        """From two forms, the second sent after the first was paid; then once more."""
        self.freeze(frozen=False)
        self.bills += 1
        reference = f"2047{self.bills:03}{ending}"
        for _ in range(2):
            self.prepare("DECCAN", reference)
        for back in range(2):
            self.pay(-1 - back, None, asks=True)
        self.prepare("DECCAN", reference)

    @rule(points=st.permutations([*PAYING]))
    def recharge_and_die_at_the_till(self, points: list[str]) -> None:
        self.freeze(frozen=False)
        for at in points:
            self.recharge("345", 10, pays=True, at=at)
        self.use_a_key_again(-1)

    @rule(points=st.permutations([*ASKING]), freezes=st.booleans())
    def recharge_and_die_asking(self, points: list[str], freezes: bool) -> None:
        """Of what is paid and waits, the next question is the last of this process."""
        self.freeze(frozen=True)
        self.recharge("345", 10, pays=True, at=None)
        self.freeze(frozen=False)
        for at in points:
            frozen = freezes or at == "refund"
            ending = REFUSES if frozen else "345"
            self.recharge(ending, 10, pays=True, at=None)
            self.freeze(frozen)
            self.ask(at)
            self.ask(None)
            SEEN["refunded while frozen"] += frozen and self.mine()[-1].state == "refunded"
            self.freeze(frozen=False)
        self.hear_twice(-1)
        self.too_much(1)

    @rule(more=st.integers(1, 100))
    def too_much(self, more: int) -> None:
        before = len(self.asked)
        self.prepare("RAJPATH", "KA01MJ4321", Money(9_000_00 + more))
        assert len(self.asked) == before

    def prepare(self, code: str, reference: str, amount: Money | None = None) -> None:
        key = uuid4()
        terms = {"reference": reference, "note": "", "key": key, "amount": amount}
        try:
            preparing.prepare(self.payer, LISTINGS[code], **terms)
        except DomainError as error:
            SEEN["no bill" if error.field == "reference" else "short"] += 1
            return
        self.asked[key], self.last[key] = (code, reference), "prepared"

    @precondition(lambda self: self.asked)
    @rule(pick=PICK)
    def use_a_key_again(self, pick: int) -> None:
        key = self.pick(pick)
        code, reference = self.asked[key]
        with pytest.raises(IdempotencyMismatch):
            preparing.prepare(
                self.payer, LISTINGS[code], reference=reference, note="Else", key=key, amount=None
            )
        SEEN["key reused"] += 1

    @precondition(lambda self: self.asked)
    @rule(pick=PICK, at=PAYS, asks=st.booleans())
    def pay(self, pick: int, at: str | None, asks: bool) -> None:
        if not self.asked:
            return
        key = self.pick(pick)
        try:
            with dies(PAYING[at] if at else None) as died:
                service.pay(self.payer, key, pin=PIN)
            SEEN[f"died: {at}"] += len(died)
        except DomainError as error:
            SEEN["frozen" if "frozen" in str(error) else "short"] += 1
            return
        if asks and at is None:
            asking.look(key)

    @precondition(lambda self: "paid" in self.last.values())
    @rule(at=st.sampled_from([*ASKING, None]))
    def ask(self, at: str | None) -> None:
        bills_due()
        with dies(ASKING[at] if at else None) as died:
            asking.poll()
        SEEN[f"died: {at}"] += len(died)

    @precondition(lambda self: bool({"confirmed", "refunded"} & set(self.last.values())))
    @rule(pick=PICK)
    def hear_twice(self, pick: int) -> None:
        """Somebody asked at the same time, and comes with the same answer later."""
        ended = [each.id for each in self.mine() if each.state in {"confirmed", "refunded"}]
        asking.ask(ended[pick % len(ended)])
        SEEN["said twice"] += 1

    @rule(frozen=st.sampled_from([True, False, False]))
    def freeze(self, frozen: bool) -> None:
        with transaction():
            ledger.set_status(self.payer.account_id, "frozen" if frozen else "open")

    def pick(self, pick: int) -> UUID:
        keys = list(self.asked)
        return keys[pick % len(keys)]

    def mine(self) -> list[BillPayment]:
        db.session.rollback()
        query = select(BillPayment).where(BillPayment.payer_id == self.person_id)
        return list(db.session.scalars(query.order_by(BillPayment.created_at)))

    @invariant()
    def money_is_where_the_states_say(self) -> None:
        payments = self.mine()
        assert {each.id for each in payments} == set(self.asked)
        away = [each.amount for each in payments if each.state in {"paid", "confirmed"}]
        assert ledger.balance(self.payer.account_id) == self.funds - sum(away, Money(0))
        for each in payments:
            assert each.state in NEXT[self.last[each.id]]
            assert (each.biller_code, each.reference) == self.asked[each.id]
            assert (each.check_at is not None) is (each.state == "paid")
            self.last[each.id] = each.state
            if each.state == "paid" and each.checks:
                SEEN["silent"] += 1

    def teardown(self) -> None:
        if "person_id" not in self.__dict__:
            return
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(standin, "SLOW_FOR", timedelta(0))
            for _ in range(3):
                bills_due()
                asking.poll()
        for each in self.mine():
            SEEN[each.state] += 1
            SEEN["refused: paid already"] += "paid already" in each.failure
            self.rests(each)
        self.money_is_where_the_states_say()
        self.books_agree()

    def rests(self, each: BillPayment) -> None:
        """One debit, one outcome, the one the biller has in its book."""
        moves = select(Transfer.kind).where(Transfer.key.startswith(f"bill:{each.id}"))
        kinds = sorted(db.session.scalars(moves))
        answer = db.session.get(BillerAnswer, each.id)
        told = ["paid", each.state] if each.state != "prepared" else []
        assert [step.what for step in steps.of(each.id)] == told
        match each.state:
            case "prepared":
                assert (kinds, answer) == ([], None)
            case "confirmed":
                assert kinds == ["bill"]
                assert answer
                assert each.confirmation == answer.confirmation != ""
            case state:
                assert (state, kinds) == ("refunded", ["bill", "bill_refund"])
                assert answer
                assert (answer.confirmation, each.failure) == ("", answer.refusal)

    def books_agree(self) -> None:
        db.session.rollback()
        rows = db.session.execute(
            select(BillPayment.biller_code, BillPayment.amount).where(
                BillPayment.state == "confirmed"
            )
        ).all()
        for biller in db.session.scalars(select(Biller)):
            held = ledger.balance(biller.account_id)
            assert held == sum((amount for code, amount in rows if code == biller.code), Money(0))
        debits = [each for each in self.mine() if each.state != "prepared"]
        sms = select(func.count()).where(Message.to == self.payer.phone)
        assert db.session.scalar(sms) == len(debits)
        assert db.session.execute(text("SELECT * FROM ledger.audit()")).all() == []


@pytest.mark.commits
@pytest.mark.usefixtures("committed")
def test_every_bill_ends_once_whatever_dies(
    make_user: MakeUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What a PIN is worth is shown elsewhere, and takes its time on purpose.
    monkeypatch.setattr(credentials, "verify_pin", lambda _hash, pin: pin == PIN)
    SEEN.clear()
    demo.seed()
    Machine.make_user = staticmethod(make_user)
    run(
        Machine,
        settings=settings(
            max_examples=at_length(6, 60),
            stateful_step_count=at_length(15, 40),
            deadline=None,
            database=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
    assert {branch for branch in RARE if not SEEN[branch]} == set(), SEEN
