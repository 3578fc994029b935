"""Demo banks, customers and staff, for development only."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from batua_bank.clients import registry
from batua_bank.desk import demo as desk
from batua_config.current import settings
from batua_config.settings import load
from batua_db import ledger
from batua_db.credentials import hash_password, hash_pin
from batua_db.database import db, transaction
from batua_db.models.bank import Bank, BankAccount, Customer
from batua_db.money import Money

PASSWORD = "bank-demo-1"  # noqa: S105
MPIN = "135790"
FUNDS = Money(50_000_00)
SEEDING = 8_316_2002  # any number that nothing else locks


@dataclass(frozen=True, slots=True)
class DemoBank:
    """A bank to make up."""

    code: str
    name: str
    ifsc_prefix: str
    ifsc: str


@dataclass(frozen=True, slots=True)
class DemoCustomer:
    """A customer to make up, with one account."""

    number: str
    name: str
    bank: DemoBank
    account: str


SBB = DemoBank("SBB", "State Bank of Batua", "SBBB", "SBBB0000181")
CCB = DemoBank("CCB", "Coastal Commerce Bank", "CCBK", "CCBK0000042")
BANKS = (SBB, CCB)
CUSTOMERS = (
    DemoCustomer("10000001", "Asha Rao", SBB, "018100004471"),
    DemoCustomer("10000002", "Ravi Kumar", SBB, "018100009020"),
    DemoCustomer("20000001", "Meera Pillai", CCB, "004200001187"),
)


def seed() -> None:
    """Make the demo banks, customers and staff that are missing. Safe to run twice, and at once."""
    if settings.production:
        raise RuntimeError("demo data has no place in production")
    with transaction():
        db.session.execute(select(func.pg_advisory_xact_lock(SEEDING)))
        for bank in BANKS:
            _open_bank(bank)
        registry.open_platforms()
        for customer in CUSTOMERS:
            _welcome(customer)
    for customer in CUSTOMERS:
        with transaction():
            _fund(customer)
    desk.seed()


def _open_bank(bank: DemoBank) -> None:
    if db.session.get(Bank, bank.code):
        return
    db.session.add(
        Bank(
            code=bank.code,
            name=bank.name,
            ifsc_prefix=bank.ifsc_prefix,
            cash_account=ledger.open_account("bank", "cash", floor=None),
        )
    )
    db.session.flush()


def _welcome(customer: DemoCustomer) -> None:
    if db.session.scalar(select(Customer.id).where(Customer.number == customer.number)):
        return
    person = Customer(
        bank_code=customer.bank.code,
        number=customer.number,
        name=customer.name,
        password_hash=hash_password(PASSWORD),
        mpin_hash=hash_pin(MPIN),
    )
    db.session.add(person)
    db.session.flush()
    _open_account(person.id, customer)


def _open_account(owner: UUID, customer: DemoCustomer) -> None:
    db.session.add(
        BankAccount(
            id=ledger.open_account("bank", "customer", owner=owner),
            customer_id=owner,
            bank_code=customer.bank.code,
            number=customer.account,
            ifsc=customer.bank.ifsc,
        )
    )


def _fund(customer: DemoCustomer) -> None:
    """Pay the first deposit in, once: the key is of the customer, not of this run."""
    account = select(BankAccount.id).where(BankAccount.number == customer.account)
    cash = select(Bank.cash_account).where(Bank.code == customer.bank.code)
    ledger.move(
        FUNDS,
        debit=db.session.execute(cash).scalar_one(),
        credit=db.session.execute(account).scalar_one(),
        kind="cash",
        key=f"cash:demo:{customer.number}",
        note="First deposit",
    )


def main() -> None:
    """Seed an installation for trying things out; does nothing in production."""
    from . import create_app

    loaded = load()
    if not loaded.production:
        with create_app(loaded).app_context():
            seed()


if __name__ == "__main__":
    main()
