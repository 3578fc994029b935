"""A bank that misbehaves, beside the running system: people in three flows, and what heals."""

import time
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from uuid import UUID, uuid4

from sqlalchemy import func, select, text

import batua_bank
import batua_user
from batua_bank.demo import CUSTOMERS, MPIN, SBB
from batua_bank.demo import PASSWORD as BANK_PASSWORD
from batua_bank.payouts.service import Failure
from batua_bank.simulator.service import Wanted, switch_on
from batua_config.settings import Settings
from batua_db import fields, ledger
from batua_db.credentials import hash_password, hash_pin
from batua_db.database import db, transaction
from batua_db.models.outbox import Dispatch
from batua_db.models.payments import LinkedAccount
from batua_db.models.simulator import Fault, What
from batua_db.models.wallet import User
from batua_db.money import Money
from batua_dev.system import Browser, System, settings_of, until
from batua_user.demo import PASSWORD, PIN
from batua_user.limits.service import Use, count

Flow = Literal["add money", "payout", "refund"]
ASHA = CUSTOMERS[0]
AMOUNT = Money(500_00)
OTHER = Money(20_00)  # what other news is about
FULL = Money(9_600_00)  # of the ₹10,000 that a small wallet takes in a month
ENDS = {"add money": "credited", "payout": "paid", "refund": "refunded"}
REFUSALS = ("decline", "insufficient_funds", "payout_fails")
# Longer than the wallet waits for an answer, and than it waits to ask by itself.
SECONDS: dict[str, int] = {
    "slow": 3,
    "webhook_delayed": 8,
    "webhook_reordered": 20,
    "api_timeout_before": 7,
    "api_timeout_after": 7,
}


@dataclass
class Case:
    """A fault in a flow: who it happens to, what ends it, and when that was."""

    flow: Flow
    what: What
    failure: Failure | None = None
    person: UUID = field(default_factory=uuid4)
    reference: str = ""
    began: float = 0.0
    healed: float = 0.0
    browser: Browser = field(default_factory=Browser)

    def __str__(self) -> str:
        """As a test is called."""
        return "-".join(filter(None, (self.flow.replace(" ", "_"), self.what, self.failure)))

    @property
    def end(self) -> str:
        """How it ends when all is well again."""
        if self.what == "decline" and self.flow == "add money":
            return "declined"
        if self.what in REFUSALS and self.flow == "payout":
            return "returned"
        return ENDS[self.flow]

    @property
    def asks(self) -> bool:
        """Whether it hits the call that asks for a payment, before which nothing has a name."""
        return self.flow == "add money" and self.what.startswith("api_")


class Trouble:
    """Both companies' books and faults, from beside the running system."""

    def __init__(self, system: System, settings: Settings) -> None:
        self.system = system
        own = settings_of(system.environment, settings)
        self.wallet, self.bank = batua_user.create_app(own), batua_bank.create_app(own)
        with self.wallet.app_context():
            self.password, self.pin = hash_password(PASSWORD), hash_pin(PIN)

    def close(self) -> None:
        """Let go of both databases."""
        for app in (self.wallet, self.bank):
            with app.app_context():
                db.engine.dispose()

    def fault(self, case: Case, **scope: Any) -> None:
        """Let it go wrong once, for this payment unless something else is said."""
        with self.bank.app_context():
            wanted = Wanted(
                what=case.what,
                failure=case.failure,
                seconds=SECONDS.get(case.what),
                uses=1,
                **(scope or {"reference": case.reference}),
            )
            switch_on(wanted, by="a test")

    def meet(self, case: Case, number: int) -> None:
        """Open a wallet for whoever it happens to, in the name of Asha's bank account."""
        with self.wallet.app_context(), transaction():
            db.session.add(
                User(
                    id=case.person,
                    account_id=ledger.open_account("wallet", "person", owner=case.person),
                    name=ASHA.name,
                    phone=f"+9198111{number:05}",
                    password_hash=self.password,
                    pin_hash=self.pin,
                    pin_set_at=func.clock_timestamp(),
                    tier="small" if case.flow == "refund" else "full",
                )
            )
            db.session.flush()
            db.session.add(
                LinkedAccount(
                    user_id=case.person,
                    bank_code=SBB.code,
                    ifsc=SBB.ifsc,
                    holder=ASHA.name,
                    number_sealed=fields.seal(ASHA.account),
                    number_hash=fields.fingerprint(ASHA.account),
                    last_digits=ASHA.account[-4:],
                    usable_at=func.clock_timestamp(),
                )
            )
        browser = case.browser.open(self.system.url("user") + "/login")
        browser.submit(phone=f"98111{number:05}", password=PASSWORD)
        assert browser.where == self.system.url("user") + "/", browser.text

    def fill(self, case: Case) -> None:
        """Use up what the wallet may take, as money from elsewhere would."""
        with self.wallet.app_context(), transaction():
            count(case.person, {"load_month": FULL}, Use("load_month", FULL))

    def state(self, case: Case) -> str:
        """How it stands in the wallet. Nobody looks at a page: that would ask the bank."""
        table = "payout" if case.flow == "payout" else "topup"
        with self.wallet.app_context():
            asked = text(f"SELECT state FROM wallet.{table} WHERE id = :id")  # noqa: S608
            return str(db.session.scalar(asked, {"id": case.reference}))

    def is_over(self, case: Case) -> bool:
        """Whether it has ended; notes when."""
        if not case.healed and self.state(case) == case.end:
            case.healed = time.monotonic()
        return bool(case.healed)

    def has_happened(self) -> bool:
        """Whether each fault that was switched on did happen."""
        with self.bank.app_context():
            never = select(func.count()).where(Fault.fired == 0)
            return db.session.scalar(never) == 0

    def is_at_rest(self) -> bool:
        """Whether the bank has told all it has to tell."""
        with self.bank.app_context():
            return (
                db.session.scalar(select(func.count()).where(Dispatch.attempt_at.is_not(None))) == 0
            )

    def moved(self, case: Case) -> tuple[list[int], list[int]]:
        """What moved for it, in paise: for the person, and at the bank for the platform."""
        mine = (
            "SELECT e.amount FROM ledger.entry e JOIN ledger.account a ON a.id = e.account_id"
            " WHERE a.owner = :id AND a.book = 'wallet' ORDER BY e.version"
        )
        theirs = (
            "SELECT CASE t.kind WHEN 'payment' THEN t.amount ELSE -t.amount END"
            " FROM ledger.transfer t WHERE t.book = 'bank' AND t.details->>'reference' = :id"
            " ORDER BY t.created_at"
        )
        with self.wallet.app_context():
            here = db.session.scalars(text(mine), {"id": case.person}).all()
        with self.bank.app_context():
            there = db.session.scalars(text(theirs), {"id": case.reference}).all()
        return [int(each) for each in here if each != OTHER.paise], [int(each) for each in there]


def start(trouble: Trouble, case: Case) -> None:
    """Let a person do it, with the fault in their way, and go away without looking back."""
    if case.flow == "payout":
        pay_out(trouble, case)
    elif case.flow == "add money":
        add(trouble, case)
    else:
        add_what_does_not_fit(trouble, case)
    if case.what == "webhook_reordered":
        overtake(trouble, case)


def add(trouble: Trouble, case: Case) -> None:
    """Ask for money, and approve it at the bank: again, where the account had too little."""
    if case.asks:
        trouble.fault(case, bank=SBB.code)
        case.began = time.monotonic()
    link = ask(trouble, case)
    if not case.asks:
        trouble.fault(case, **_with_the_next(case))
        case.began = time.monotonic()
    answer = approve(case.browser, link)
    if case.what == "insufficient_funds":
        assert answer.page.status_code == 422
        assert "short by" in answer.text
        answer = approve(case.browser, link, signed_in=True)
    assert answer.page.status_code == 303, answer.text


def add_what_does_not_fit(trouble: Trouble, case: Case) -> None:
    """Approve what the wallet has no room for by then; it is to go back through the fault."""
    link = ask(trouble, case)
    trouble.fill(case)
    if case.what == "webhook_reordered":
        trouble.fault(case)
    assert approve(case.browser, link).page.status_code == 303
    until(lambda: trouble.state(case) == "captured", "never captured", seconds=30)
    case.began = time.monotonic()
    if case.what != "webhook_reordered":
        trouble.fault(case)


def pay_out(trouble: Trouble, case: Case) -> None:
    """Add ₹500, and withdraw it."""
    link = ask(trouble, case)
    assert approve(case.browser, link).page.status_code == 303
    added = replace(case, flow="add money", what="slow", healed=0.0)
    until(lambda: trouble.is_over(added), "never credited", seconds=30)
    browser = case.browser.open(trouble.system.url("user") + "/withdraw")
    browser.submit(amount="500")
    case.reference = browser.where.rpartition("/")[2]
    trouble.fault(case, **_with_the_next(case))
    case.began = time.monotonic()
    browser.submit(pin=PIN, follow=False)
    assert browser.page.status_code == 303, browser.text


def overtake(trouble: Trouble, case: Case) -> None:
    """Let other news of the bank come after it, and arrive before it."""
    if case.flow != "refund":
        other = replace(case, reference="", browser=case.browser)
        link = ask(trouble, other, amount=str(OTHER.paise // 100))
        assert approve(case.browser, link).page.status_code == 303


def ask(trouble: Trouble, case: Case, amount: str = "500") -> str:
    """Ask the bank for money; the link to its page, which may come later."""
    browser = case.browser.open(trouble.system.url("user") + "/add-money")
    browser.submit(amount=amount, bank=SBB.code, follow=False)
    assert browser.page.status_code == 303, browser.text
    with trouble.wallet.app_context():
        newest = text(
            "SELECT id, session_url FROM wallet.topup WHERE user_id = :id"
            " ORDER BY created_at DESC LIMIT 1"
        )

        def link() -> Any:
            row = db.session.execute(newest, {"id": case.person}).one()
            db.session.rollback()
            return row

        until(lambda: bool(link().session_url), "the bank was never reached", seconds=40)
        case.reference = str(link().id)
        return str(link().session_url)


def approve(browser: Browser, link: str, *, signed_in: bool = False) -> Browser:
    """Pay at the bank, and close the browser before it leads back to the wallet."""
    browser.open(link if not signed_in else f"{link}/approve")
    if 'name="customer_id"' in browser.text:
        browser.submit(customer_id=ASHA.number, password=BANK_PASSWORD)
    elif not signed_in:
        browser.open(f"{link}/approve")
    account = browser.find(r'name="account"[^>]*value="([^"]+)"')
    return browser.submit(account=account, mpin=MPIN, press={"action": "approve"}, follow=False)


def _with_the_next(case: Case) -> dict[str, Any]:
    """News is overtaken by other news, so that both must be looked at."""
    return {"bank": SBB.code} if case.what == "webhook_reordered" else {}
