"""Hypothesis lets top-ups come that a wallet has no room for, with the real bank next door.

Each is credited or goes back to the account that paid, and never both.
"""

from collections import Counter
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run
from sqlalchemy import func, select, text

from batua_bank import demo
from batua_bank.pay.service import approve
from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.errors import DomainError
from batua_db.models.bank import Bank as TheirBank
from batua_db.models.bank import BankAccount, Customer
from batua_db.models.ledger import Transfer
from batua_db.models.outbox import Event
from batua_db.models.people import Notice
from batua_db.models.wallet import Bank, Topup, User
from batua_db.money import Money
from batua_dev.dying import dies
from batua_dev.lengths import at_length
from batua_user import steps
from batua_user.bank.client import BankClient
from batua_user.bank.current import bank as bank_client
from batua_user.house import suspense
from batua_user.topups import opening, polling, returning, service
from batua_user.webhooks import service as webhooks

from .helpers import MakeUser, make_due
from .next_door import NextDoor
from .the_bank import letter, platform_at

ASHA = demo.CUSTOMERS[0]
PICK = st.integers(0, 30)
FAULTS = st.sampled_from([None, None, "lost", "unheard"])
NEXT = {
    "pending": {"pending", "captured", "credited", "refunded", "failed"},
    "failed": {"failed", "captured", "credited", "refunded"},
    "captured": {"captured", "refunded"},
    "credited": {"credited"},
    "refunded": {"refunded"},
}
ASKING = {
    "claimed": (polling, "ask_bank", "before"),
    "settled": (service, "settle", "after"),  # booked, and not committed
    "refunded there": (BankClient, "refund", "after"),  # the bank has it back, and we don’t know
    "booking it": (returning, "_book", "before"),
    "taken back": (returning, "_tell", "before"),
    "booked": (returning, "_book", "after"),
}
HEARING = {"heard": (webhooks, "_apply", "before"), "told": (webhooks, "_apply", "after")}
SEEN: Counter[str] = Counter()
RARE = {
    *(f"died: {each}" for each in (*ASKING, *HEARING)),
    *("credited", "refunded", "lost", "unheard", "news twice", "closed", "late news", "said late"),
}


class Machine(RuleBasedStateMachine):
    """What was asked for at the bank, and where its money is."""

    make_user: Callable[..., User]
    door: NextDoor

    @initialize()
    def start(self) -> None:
        """Room for ₹10,000, of which others fill ₹6,000 before the bank has paid."""
        self.person_id: UUID = self.make_user("Meena Iyer", tier="small").id
        self.sender_id: UUID = self.make_user("Ravi Kumar").id
        self.last: dict[UUID, str] = {}
        self.paid: dict[UUID, Money] = {}
        self.closed = False
        deposit()
        self.given, self.savings = Money(0), ledger.balance(savings())

    @property
    def person(self) -> User:
        return db.session.get_one(User, self.person_id)

    @rule(rupees=st.integers(500, 3300))
    def ask(self, rupees: int) -> None:
        try:
            topup_id, _ = service.ask(
                self.person, amount=Money(rupees * 100), bank="SBB", key=uuid4()
            )
        except DomainError:
            return
        self.last[topup_id] = "pending"
        opening.open_at_bank(topup_id)

    @rule(rupees=st.integers(1000, 4000))
    def somebody_sends(self, rupees: int) -> None:
        """What takes the room that there was when the top-up was asked for."""
        held, amount = ledger.balance(self.person.account_id), Money(rupees * 100)
        if self.closed or held + amount > Money(10_000_00):
            return
        give(self.sender_id, self.person, amount)
        self.given += amount

    @precondition(lambda self: "pending" in self.last.values())
    @rule(pick=PICK)
    def approve(self, pick: int) -> None:
        pending = [each for each in self.mine() if each.state == "pending" and each.session_url]
        pending = [each for each in pending if each.id not in self.paid]
        if not pending:
            return
        each = pending[pick % len(pending)]
        token, topup_id, amount = (each.session_url or "").rpartition("/")[2], each.id, each.amount
        with self.door.app.app_context():
            mine = select(Customer).where(Customer.number == ASHA.number)
            customer = db.session.scalars(mine).one()
            approve(customer, token, account=savings(), mpin=demo.MPIN, key=uuid4())
        self.paid[topup_id] = amount

    @precondition(lambda self: self.last)
    @rule(at=st.sampled_from([None, None, *ASKING]), fault=FAULTS)
    def poll(self, at: str | None, fault: str | None = None) -> None:
        make_due()
        self.door.faults = [fault] if fault else []
        with dies(ASKING[at] if at else None) as died:
            polling.poll()
        SEEN[f"died: {at}"] += len(died)
        SEEN[str(fault)] += bool(fault and not self.door.faults)
        self.door.faults = []

    @rule(pick=PICK, at=st.sampled_from([None, None, *HEARING]), twice=st.booleans())
    def bank_tells(self, pick: int, at: str | None, twice: bool) -> None:
        """News of a payment or a refund, in any order, however late."""
        news = self.news()
        if not news:
            return
        event = news[pick % len(news)]
        late = self.state(UUID(event.data["reference"])) == "refunded"
        with dies(HEARING[at] if at else None) as died:
            webhooks.receive(*letter(event))
        SEEN[f"died: {at}"] += len(died)
        SEEN["late news"] += late
        if twice:
            webhooks.receive(*letter(event))
            webhooks.receive(uuid4().hex, letter(event)[1])
            SEEN["news twice"] += 1

    @rule(pick=PICK)
    def hear_late(self, pick: int) -> None:
        """Somebody asked at the same time, and comes with the same answer later."""
        booked = [each.id for each in self.mine() if each.payment_id]
        if booked:
            topup_id = booked[pick % len(booked)]
            service.book(topup_id, bank_client.payments(str(topup_id)))
            SEEN["said late"] += 1

    @rule(really=st.sampled_from([True, False, False, False]))
    def close(self, really: bool) -> None:
        """An empty wallet is closed for good, while money for it may be at the bank."""
        if self.closed or not really or ledger.balance(self.person.account_id):
            return
        with transaction():
            ledger.set_status(self.person.account_id, "closed")
        self.closed = True
        SEEN["closed"] += 1

    def seldom(self) -> None:
        """Each death once, of a payment that is in suspense or on its way there."""
        for at in HEARING:
            self.asks_too_much()
            self.bank_tells(len(self.news()) - 1, at, twice=False)
            self.bank_tells(len(self.news()) - 1, None, twice=True)
            self.poll(None)
        for at in ASKING:
            self.asks_too_much()
            if at not in {"claimed", "settled"}:
                self.poll(None)
            self.poll(at)
            self.poll(None)
            self.poll(None)
        for fault in ("lost", "unheard"):
            self.asks_too_much()
            self.poll(None)
            self.poll(None, fault)
            self.poll(None)
        for pick in range(len(self.news())):
            self.bank_tells(pick, None, twice=True)

    def usual(self) -> None:
        """One that is credited, and one that comes when others have filled the wallet."""
        self.ask(3300)
        self.approve(-1)
        self.poll(None)
        self.hear_late(-1)
        self.ask(3000)
        self.approve(-1)
        self.somebody_sends(4000)
        for _ in range(2):
            self.bank_tells(-1, None, twice=True)
            self.hear_late(-1)
            self.money_is_in_one_place()
            self.poll(None)

    def asks_too_much(self) -> None:
        """Asked and paid though the wallet is closed."""
        self.close(really=True)
        self.ask(500)
        self.approve(-1)

    def mine(self) -> list[Topup]:
        db.session.rollback()
        query = select(Topup).where(Topup.user_id == self.person_id)
        return list(db.session.scalars(query.order_by(Topup.created_at)))

    def state(self, topup_id: UUID) -> str:
        return next(each.state for each in self.mine() if each.id == topup_id)

    def news(self) -> list[Event]:
        db.session.rollback()
        mine = Event.data["reference"].astext.in_([str(each) for each in self.last])
        return list(db.session.scalars(select(Event).where(mine).order_by(Event.created_at)))

    def refunds(self) -> dict[UUID, Money]:
        """What the bank gave back, by the top-up; twice would be more than was paid."""
        told = [each for each in self.news() if each.type == "refund.succeeded"]
        assert len(told) == len({each.data["reference"] for each in told})
        return {UUID(each.data["reference"]): Money(each.data["amount"]) for each in told}

    @invariant()
    def money_is_in_one_place(self) -> None:
        topups = self.mine()
        assert {each.id for each in topups} == set(self.last)
        credited = [each.amount for each in topups if each.state == "credited"]
        waits = [each.amount for each in topups if each.state == "captured"]
        held = ledger.balance(self.person.account_id)
        assert held == self.given + sum(credited, Money(0))
        assert ledger.balance(suspense()) == sum(waits, Money(0))
        assert held <= Money(10_000_00)
        back = self.refunds()
        for each in topups:
            assert each.state in NEXT[self.last[each.id]]
            self.last[each.id] = each.state
            if each.state in {"captured", "credited", "refunded"}:
                assert each.captured == self.paid[each.id]
            assert not (each.state == "credited" and each.id in back)
            assert each.state != "refunded" or back[each.id] == each.amount
        paid = sum(self.paid.values(), Money(0)) - sum(back.values(), Money(0))
        assert ledger.balance(savings()) == self.savings - paid

    def teardown(self) -> None:
        if "savings" not in self.__dict__:
            return
        for _ in range(4):
            make_due()
            polling.poll()
        self.money_is_in_one_place()
        for each in self.mine():
            SEEN[each.state] += 1
            assert (each.state in {"credited", "refunded"}) is (each.id in self.paid)
            self.rests(each)
        for bank in db.session.scalars(select(Bank)):
            ours, theirs = bank.float_account, db.session.get_one(TheirBank, bank.code)
            outside = ledger.balance(platform_at(theirs.code)) + ledger.balance(ours)
            assert outside == (-total_given() if bank.code == "SBB" else Money(0))
        assert db.session.execute(text("SELECT * FROM ledger.audit()")).all() == []

    def rests(self, each: Topup) -> None:
        """One outcome, told once."""
        ours = Transfer.key.startswith(f"topup:{each.id}") & (Transfer.book == "wallet")
        kinds = sorted(db.session.scalars(select(Transfer.kind).where(ours)))
        told = [step.what for step in steps.of(each.id)]
        path = Notice.path == f"/add-money/{each.id}"
        notices = db.session.scalar(select(func.count()).select_from(Notice).where(path))
        match each.state:
            case "credited":
                assert (kinds, told.count("credited")) == (["topup"], 1)
                assert notices == 1
            case "refunded":
                assert (kinds, told.count("refunded")) == (["topup", "topup_refund"], 1)
                assert "credited" not in told
                assert notices == 1
            case _:
                assert (kinds, notices) == ([], 0)


def savings() -> UUID:
    mine = select(BankAccount.id).where(BankAccount.number == ASHA.account)
    return db.session.scalars(mine).one()


def deposit() -> None:
    """Enough for all that an example may add."""
    cash = db.session.get_one(TheirBank, "SBB").cash_account
    with transaction():
        ledger.move(Money(50_000_00), debit=cash, credit=savings(), kind="cash", key=str(uuid4()))


def give(sender_id: UUID, person: User, amount: Money) -> None:
    """From somebody whose money no bank of this test holds."""
    sender = db.session.get_one(User, sender_id).account_id
    ours = db.session.get_one(Bank, "SBB").float_account
    for debit, credit, kind in ((ours, sender, "given"), (sender, person.account_id, "send")):
        with transaction():
            ledger.move(amount, debit=debit, credit=credit, kind=kind, key=str(uuid4()))


def total_given() -> Money:
    given = select(Transfer.amount).where(Transfer.kind == "given")
    return sum(db.session.scalars(given), Money(0))


@pytest.mark.commits
@pytest.mark.usefixtures("committed")
def test_what_came_is_credited_or_goes_back_whatever_dies(
    door: NextDoor, make_user: MakeUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    # How many may be open, and asked for in an hour, is shown elsewhere.
    monkeypatch.setattr(service, "MOST_OPEN", 50)
    monkeypatch.setattr(service, "MOST_AN_HOUR", 500)
    SEEN.clear()
    Machine.make_user, Machine.door = staticmethod(make_user), door
    for play in (Machine.seldom, Machine.usual):
        first = Machine()
        first.start()
        play(first)
        first.teardown()
    run(
        Machine,
        settings=settings(
            max_examples=at_length(5, 60),
            stateful_step_count=at_length(12, 40),
            deadline=None,
            database=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
    assert {branch for branch in RARE if not SEEN[branch]} == set(), SEEN
