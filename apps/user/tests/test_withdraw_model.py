"""Hypothesis withdraws while things die between any two steps, with the real bank next door.

At rest nothing is in flight, each withdrawal has one outcome, and both books say the same.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run
from sqlalchemy import func, select, text

from batua_bank import demo
from batua_bank.payouts import service as theirs
from batua_db import credentials, fields, guesses, ledger
from batua_db.database import db, transaction
from batua_db.errors import DomainError, IdempotencyMismatch
from batua_db.models.bank import Bank as TheirBank
from batua_db.models.bank import BankAccount
from batua_db.models.ledger import Transfer
from batua_db.models.outbox import Event
from batua_db.models.outgoing import Payout as TheirPayout
from batua_db.models.payments import Payout
from batua_db.models.people import Notice
from batua_db.models.wallet import Bank, Guess, Message, User
from batua_db.money import Money
from batua_dev.dying import dies
from batua_dev.lengths import at_length
from batua_user import steps
from batua_user.bank.client import BankClient
from batua_user.bank.current import bank
from batua_user.bank_accounts.service import remove
from batua_user.house import in_flight
from batua_user.payouts import asking, service
from batua_user.webhooks import service as webhooks
from batua_user.withdrawals import service as withdrawals

from .helpers import PIN, MakeUser, linked_account, payouts_due
from .next_door import NextDoor
from .the_bank import letter, platform_at

FUNDS, MORE = Money(3000_00), Money(2000_00)  # at SBB, and at CCB
PICK = st.integers(0, 30)
GOOD, UNKNOWN, OTHERS = demo.CUSTOMERS[0].account, "018100000000", demo.CUSTOMERS[1].account
FAILURES = {UNKNOWN: "unknown_account", OTHERS: "holder_mismatch"}
NUMBERS = st.sampled_from([GOOD, GOOD, GOOD, UNKNOWN, OTHERS])
FAULTS = st.sampled_from([None, None, "lost", "unheard"])
NEXT = {
    "prepared": {"prepared", "in_flight", "paid", "returned"},
    "in_flight": {"in_flight", "paid", "returned"},
    "paid": {"paid"},
    "returned": {"returned"},
}
PAYING = {
    "debit": (ledger, "move", "after"),  # moved, and not committed
    "launch": (service, "launch", "after"),
    "telling": (withdrawals, "notify_by_sms", "before"),
    "taken": (withdrawals, "pay", "after"),  # committed, and nobody asks
}
ASKING = {
    "claimed": (asking, "ask", "before"),
    "chosen": (asking, "_order", "after"),  # which bank pays, and it was not asked
    "ordered": (BankClient, "pay_out", "after"),  # the bank knows, and we don’t
    "ordered, untold": (asking, "_take", "before"),
    "asked": (BankClient, "payout", "after"),
    "arrived": (service, "_arrive", "after"),  # booked, and not committed
    "back": (service, "give_back", "after"),
    "recorded": (service, "settle", "after"),
}
THEIRS = {
    "bank claimed": (theirs, "_pay", "before"),
    "bank paid": (theirs, "_pay", "after"),
    "bank tells": (theirs, "announce", "after"),
}
HEARING = {
    "heard": (webhooks, "_apply", "before"),
    "booked": (service, "settle", "after"),
}
DEATHS = {**PAYING, **ASKING, **THEIRS, **HEARING}
SEEN: Counter[str] = Counter()
RARE = {
    *(f"died: {each}" for each in DEATHS),
    *("paid", "returned", "lost", "unheard", "short", "frozen", "halted", "unlinked", "wrong PIN"),
    *("key reused", "repeated", "news first", "news twice", "contradicted", "no one bank"),
    *("paid to an account removed since", "returned while frozen", "waited while halted"),
    *("said late", "paid again"),
}


class Machine(RuleBasedStateMachine):
    """What was ordered, and how far it has come."""

    make_user: Callable[..., User]
    door: NextDoor

    @initialize()
    def start(self) -> None:
        self.person_id: UUID = self.make_user("Asha Rao").id
        hold("SBB", FUNDS, self.person.account_id)
        hold("CCB", MORE, self.person.account_id)
        self.accounts = {
            number: linked_account(self.person, number) for number in (GOOD, *FAILURES)
        }
        self.asked: dict[UUID, tuple[UUID, Money]] = {}
        self.last: dict[UUID, str] = {}
        self.savings = ledger.balance(account_at_the_bank(GOOD))
        self.others = ledger.balance(account_at_the_bank(OTHERS))

    @property
    def person(self) -> User:
        return db.session.get_one(User, self.person_id)

    # What the person does

    @rule(number=NUMBERS, rupees=st.integers(1, 400), pays=st.booleans())
    def order(self, number: str, rupees: int, pays: bool) -> None:
        self.prepare(number, Money(rupees * 100))
        if pays and self.asked:
            self.pay(-1, None, asks=False)

    def prepare(self, number: str, amount: Money) -> None:
        key = uuid4()
        account = self.accounts[number]
        try:
            withdrawals.prepare(self.person, amount=amount, bank_account=account, key=key)
        except DomainError as error:
            SEEN[word_for(error)] += 1
            return
        self.asked[key], self.last[key] = (account, amount), "prepared"

    @precondition(lambda self: self.asked)
    @rule(pick=PICK, other=st.booleans())
    def use_a_key_again(self, pick: int, other: bool) -> None:
        key = self.pick(pick)
        account, amount = self.asked[key]
        if not other:
            same = {"amount": amount, "bank_account": account, "key": key}
            assert withdrawals.prepare(self.person, **same) == key
            SEEN["repeated"] += 1
            return
        terms = {"amount": amount + Money(1), "bank_account": account, "key": key}
        with pytest.raises(IdempotencyMismatch):
            withdrawals.prepare(self.person, **terms)
        SEEN["key reused"] += 1

    @precondition(lambda self: self.asked)
    @rule(pick=PICK, at=st.sampled_from([None, None, *PAYING]), asks=st.booleans())
    def pay(self, pick: int, at: str | None, asks: bool) -> None:
        key = self.pick(pick)
        try:
            with dies(PAYING[at] if at else None) as died:
                withdrawals.pay(self.person, key, pin=PIN)
            SEEN[f"died: {at}"] += len(died)
        except DomainError as error:
            SEEN[word_for(error)] += 1
            return
        if asks and at is None:
            asking.look(key)

    @precondition(lambda self: self.asked)
    @rule(pick=PICK)
    def mistype_the_pin(self, pick: int) -> None:
        key = self.pick(pick)
        before = self.state(key)
        with pytest.raises(DomainError):
            withdrawals.pay(self.person, key, pin="000000")
        assert self.state(key) == before
        SEEN["wrong PIN"] += 1
        with transaction():
            guesses.clear(Guess, f"pin:{self.person_id}")

    @rule(number=NUMBERS)
    def remove_an_account(self, number: str) -> None:
        """What was ordered to it stays so; the next one is another row."""
        remove(self.person, self.accounts[number], pin=PIN)
        for key, (account, _) in self.asked.items():
            if account == self.accounts[number] and self.state(key) == "prepared":
                with pytest.raises(DomainError):
                    withdrawals.pay(self.person, key, pin=PIN)
                SEEN["unlinked"] += 1
        self.accounts[number] = linked_account(self.person, number)

    # What the house does

    @rule(frozen=st.sampled_from([True, False, False]))
    def freeze(self, frozen: bool) -> None:
        with transaction():
            ledger.set_status(self.person.account_id, "frozen" if frozen else "open")

    @rule(halted=st.sampled_from([True, False, False]))
    def halt(self, halted: bool) -> None:
        with transaction():
            service.halt("a test") if halted else service.resume()

    @rule(at=st.sampled_from([None, None, *ASKING]), fault=FAULTS)
    def ask(self, at: str | None, fault: str | None = None) -> None:
        payouts_due()
        self.door.faults = [fault] if fault else []
        with dies(ASKING[at] if at else None) as died:
            asking.poll()
        SEEN[f"died: {at}"] += len(died)
        SEEN[str(fault)] += bool(fault and not self.door.faults)
        self.door.faults = []

    # What the bank does

    @rule(at=st.sampled_from([None, None, *THEIRS]))
    def bank_works(self, at: str | None) -> None:
        with dies(THEIRS[at] if at else None) as died:
            self.door.work()
        SEEN[f"died: {at}"] += len(died)

    @rule(pick=PICK, at=st.sampled_from([None, None, *HEARING]), twice=st.booleans())
    def bank_tells(self, pick: int, at: str | None, twice: bool) -> None:
        """News of any payout, in any order, however late."""
        news = self.news()
        if not news:
            return
        event = news[pick % len(news)]
        first = self.state(UUID(event.data["reference"])) == "in_flight"
        with dies(HEARING[at] if at else None) as died:
            webhooks.receive(*letter(event))
        SEEN[f"died: {at}"] += len(died)
        SEEN["news first"] += first and not died
        if twice:
            assert webhooks.receive(*letter(event)) in {"applied", "ignored"}
            SEEN["news twice"] += 1

    @rule(pick=PICK)
    def bank_contradicts_itself(self, pick: int) -> None:
        """It never does; if it did, the first word would count."""
        ended = [each for each in self.mine() if each.state in {"paid", "returned"}]
        if not ended:
            return
        each = ended[pick % len(ended)]
        other = "failed" if each.state == "paid" else "succeeded"
        said = {
            "id": each.bank_payout_id or str(uuid4()),
            "reference": str(each.id),
            "amount": each.amount.paise,
            "currency": "INR",
            "bank": each.bank_code,
            "status": other,
            "failure": "unknown_account" if other == "failed" else None,
        }
        event = Event(id=uuid4().hex, client="wallet", type=f"payout.{other}", data=said)
        assert webhooks.receive(*letter(event)) == "ignored"
        SEEN["contradicted"] += 1

    @rule(pick=PICK)
    def hear_late(self, pick: int) -> None:
        """Somebody asked at the same time, and comes with the same answer later."""
        ended = [each for each in self.mine() if each.outcome_id and each.bank_payout_id]
        if ended:
            each = ended[pick % len(ended)]
            asking._take(each.id, bank.payout(each.bank_payout_id or ""))
            SEEN["said late"] += 1

    # What happens too seldom by itself

    def seldom(self) -> None:
        """Everything that can befall a withdrawal, each once."""
        for each in (
            self.die_at_the_till,
            self.die_asking,
            self.die_at_the_bank,
            self.stop_while_some_wait,
            self.more_than_one_bank_holds,
        ):
            self.all_is_well()
            each()
            self.money_is_where_the_states_say()
            self.the_bank_pays_whom_it_was_told_to()

    def die_at_the_till(self) -> None:
        for at in PAYING:
            self.pay_for(GOOD, at=at)
        for other in (False, True):
            self.use_a_key_again(-1, other)
        self.mistype_the_pin(0)
        self.prepare(GOOD, Money(9_000_00))
        self.freeze(frozen=True)
        self.pay_for(GOOD)

    def die_asking(self) -> None:
        for fault in ("lost", "unheard"):
            self.ask(None)
            self.pay_for(GOOD)
            self.ask(None, fault)
        for at in ASKING:
            self.ask(None)
            self.pay_for(UNKNOWN if at == "back" else GOOD)
            if at in {"asked", "arrived", "back", "recorded"}:
                self.ask(None)
                self.bank_works(None)
            self.freeze(frozen=at == "back")
            self.ask(at)
            self.ask(None)
            SEEN["returned while frozen"] += at == "back" and self.mine()[-1].state == "returned"
            self.freeze(frozen=False)

    def die_at_the_bank(self) -> None:
        """The account is removed while the money is on its way there, and the news is late."""
        self.prepare(GOOD, Money(10_00))
        self.pay_for(GOOD)
        self.ask(None)
        self.remove_an_account(GOOD)
        for at in (*THEIRS, None):
            self.bank_works(at)
        for hearing in (*HEARING, None):
            self.bank_tells(len(self.news()) - 1, hearing, twice=hearing is None)
        self.bank_contradicts_itself(-1)
        self.hear_late(-1)
        self.pay(-1, None, asks=True)  # once more, from another window
        SEEN["paid again"] += self.mine()[-1].state == "paid"

    def stop_while_some_wait(self) -> None:
        self.pay_for(GOOD)
        self.prepare(GOOD, Money(10_00))
        self.halt(halted=True)
        self.pay(-1, None, asks=True)
        self.ask(None)
        waiting = self.mine()[-2]
        SEEN["waited while halted"] += waiting.state == "in_flight" and not waiting.bank_code

    def more_than_one_bank_holds(self) -> None:
        """It is in the wallet, yet at no one bank."""
        self.settle_down()
        self.prepare(GOOD, FUNDS + Money(1))
        self.pay(-1, None, asks=True)
        SEEN["no one bank"] += "two parts" in self.mine()[-1].failure

    def all_is_well(self) -> None:
        self.freeze(frozen=False)
        self.halt(halted=False)

    def pay_for(self, number: str, at: str | None = None) -> None:
        before = len(self.asked)
        self.prepare(number, Money(10_00))
        if len(self.asked) > before:
            self.pay(-1, at, asks=False)

    # What holds

    def pick(self, pick: int) -> UUID:
        keys = list(self.asked)
        return keys[pick % len(keys)]

    def mine(self) -> list[Payout]:
        db.session.rollback()
        query = select(Payout).where(Payout.user_id == self.person_id)
        return list(db.session.scalars(query.order_by(Payout.created_at)))

    def state(self, key: UUID) -> str:
        return next(each.state for each in self.mine() if each.id == key)

    def news(self) -> list[Event]:
        db.session.rollback()
        mine = Event.data["reference"].astext.in_([str(key) for key in self.asked])
        return list(db.session.scalars(select(Event).where(mine).order_by(Event.created_at)))

    def ordered(self) -> dict[UUID, TheirPayout]:
        """What the bank has in its book; the reference is unique there."""
        mine = TheirPayout.reference.in_([str(key) for key in self.asked])
        return {
            UUID(row.reference): row for row in db.session.scalars(select(TheirPayout).where(mine))
        }

    @invariant()
    def money_is_where_the_states_say(self) -> None:
        payouts = self.mine()
        assert {each.id for each in payouts} == set(self.asked)
        away = total(payouts, "in_flight", "paid")
        assert ledger.balance(self.person.account_id) == FUNDS + MORE - away
        assert ledger.balance(in_flight()) == total(payouts, "in_flight")
        for each in payouts:
            assert each.state in NEXT[self.last[each.id]]
            self.last[each.id] = each.state
            assert (each.linked_account_id, each.amount) == self.asked[each.id]
            assert (each.check_at is not None) is (each.state == "in_flight")

    @invariant()
    def the_bank_pays_whom_it_was_told_to(self) -> None:
        ordered = self.ordered()
        for each in self.mine():
            said = ordered.get(each.id)
            assert each.state != "paid" or (said and said.status == "succeeded")
            if said is None:
                continue
            assert each.state not in {"prepared"}
            assert (each.state, said.status) != ("returned", "succeeded")
            assert (said.amount, said.bank_code) == (each.amount, each.bank_code)
            assert said.account_number == fields.reveal(each.linked_account.number_sealed)
        paid = [each.amount for each in ordered.values() if each.status == "succeeded"]
        assert ledger.balance(account_at_the_bank(GOOD)) == self.savings + sum(paid, Money(0))
        assert ledger.balance(account_at_the_bank(OTHERS)) == self.others

    def teardown(self) -> None:
        if "others" not in self.__dict__:
            return
        self.all_is_well()
        self.settle_down()
        for each in self.mine():
            SEEN[each.state] += 1
            self.rests(each)
        self.money_is_where_the_states_say()
        self.the_bank_pays_whom_it_was_told_to()
        self.books_agree()
        self.leave_nothing()

    def settle_down(self) -> None:
        for _ in range(3):
            payouts_due()
            asking.poll()
            self.door.work()

    def rests(self, each: Payout) -> None:
        """One debit, one outcome, the one that the bank has in its book."""
        said = self.ordered().get(each.id)
        kinds = [row.kind for row in transfers(each.id)]
        told = [step.what for step in steps.of(each.id)]
        match each.state:
            case "prepared":
                assert (kinds, said, told) == ([], None, [])
            case "paid":
                assert kinds == ["withdrawal", "withdrawal_paid"]
                assert said
                assert each.bank_payout_id == str(said.id)
                assert told[0] == "taken"
                assert told[-1] == "paid"
                SEEN["paid to an account removed since"] += bool(each.linked_account.removed_at)
            case state:
                assert (state, kinds) == ("returned", ["withdrawal", "withdrawal_returned"])
                assert said is None or said.status == "failed"
                assert told[-1] == "returned"
        assert told.count("paid") + told.count("returned") <= 1

    def books_agree(self) -> None:
        db.session.rollback()
        for ours in db.session.scalars(select(Bank)):
            platform = platform_at(ours.code)
            assert ledger.balance(platform) == -ledger.balance(ours.float_account)
        assert db.session.execute(text("SELECT * FROM ledger.audit()")).all() == []
        taken = [each for each in self.mine() if each.state != "prepared"]
        mine = Message.to == self.person.phone
        sent = select(func.count()).where(
            mine, Message.text.contains("sent from your Batua wallet")
        )
        assert db.session.scalar(sent) == len(taken)
        ends = select(func.count()).where(Notice.user_id == self.person_id, Notice.kind == "payout")
        assert db.session.scalar(ends) == len(taken)

    def leave_nothing(self) -> None:
        """The next example begins with banks that hold nothing for us."""
        for ours in db.session.scalars(select(Bank)).all():
            if held := ledger.balance(ours.float_account):
                hold(ours.code, held, self.person.account_id)


def hold(bank: str, amount: Money, account: UUID) -> None:
    """Let a bank hold so much more, or less, for a wallet."""
    ours, theirs = db.session.get_one(Bank, bank), db.session.get_one(TheirBank, bank)
    sides = [
        (ours.float_account, account, "topup"),
        (theirs.cash_account, platform_at(theirs.code), "payment"),
    ]
    for debit, credit, kind in sides:
        one, other = (debit, credit) if amount > Money(0) else (credit, debit)
        with transaction():
            ledger.move(
                Money(abs(amount.paise)), debit=one, credit=other, kind=kind, key=str(uuid4())
            )


def account_at_the_bank(number: str) -> UUID:
    return db.session.scalars(select(BankAccount.id).where(BankAccount.number == number)).one()


def total(payouts: list[Payout], *states: str) -> Money:
    return sum((each.amount for each in payouts if each.state in states), Money(0))


def transfers(payout_id: UUID) -> list[Any]:
    ours = Transfer.key.startswith(f"withdrawal:{payout_id}") & (Transfer.book == "wallet")
    return list(db.session.scalars(select(Transfer).where(ours).order_by(Transfer.kind)))


def word_for(error: DomainError) -> str:
    """Which of the refusals it is."""
    known = {"frozen": "frozen", "can’t be used": "unlinked", "checking our books": "halted"}
    return next((word for part, word in known.items() if part in str(error)), "short")


@pytest.mark.commits
@pytest.mark.usefixtures("committed")
def test_every_withdrawal_ends_once_whatever_dies(
    door: NextDoor, make_user: MakeUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What a PIN is worth is shown elsewhere, and takes its time on purpose.
    monkeypatch.setattr(credentials, "verify_pin", lambda _hash, pin: pin == PIN)
    SEEN.clear()
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
