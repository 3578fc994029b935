"""Taking customers in, giving them accounts, and letting them in again.

A new customer gets a password from us that is shown once; it opens nothing but the page on
which they choose their own, and their MPIN. Nobody of the staff ever knows either.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from batua_bank.desk import acts
from batua_db import guesses, ledger, sessions
from batua_db.credentials import hash_password
from batua_db.database import db, transaction
from batua_db.errors import Conflict, IdempotencyMismatch, NotFound, Refused
from batua_db.models.bank import Bank, BankAccount, Customer, Guess, Session
from batua_db.models.bank_desk import Act, Staff

BEGIN_WITHIN = timedelta(days=7)
NO_MPIN = "!"  # the hash of none
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # pragma: allowlist secret  (none look alike)
BRANCH = "0001"  # where the desk is


@dataclass(frozen=True, slots=True)
class Opened:
    """A customer, and the password they begin with: nothing, if it was shown before."""

    id: UUID
    password: str | None


def open_customer(staff: Staff, *, bank: str, name: str, reason: str, key: UUID) -> Opened:
    """Take a customer in at ``bank``, with an account; once per ``key``, which becomes their id."""
    password = _password()
    hashed = hash_password(password)
    with transaction():
        house = db.session.get(Bank, bank)
        if house is None:
            raise Refused("Choose one of these.", field="bank")
        if not _write_customer(id=key, bank_code=bank, name=name, password_hash=hashed):
            earlier = db.session.get_one(Customer, key)
            if (earlier.bank_code, earlier.name) != (bank, name):
                raise IdempotencyMismatch
            return Opened(key, None)
        _write_account(house, key, "Savings")
        acts.record(staff, "open_customer", key, reason)
    return Opened(key, password)


def open_account(staff: Staff, customer_id: UUID, *, label: str, reason: str, key: UUID) -> UUID:
    """Give a customer another account, once per ``key``; returns it."""
    with transaction():
        customer = _hold(customer_id)
        before = select(Act.details["account"].astext).where(
            Act.subject == str(customer_id),
            Act.what == "open_account",
            Act.details["key"].astext == str(key),
        )
        if opened := db.session.scalar(before):
            return UUID(opened)
        account = _write_account(customer.bank, customer_id, label)
        named = {"account": str(account), "key": str(key)}
        acts.record(staff, "open_account", customer_id, reason, **named)
    return account


def let_in_again(staff: Staff, customer_id: UUID, *, reason: str) -> str:
    """Begin anew with a password shown once, which is returned; the old ones are worth nothing.

    Every session of theirs ends, and wrong tries at password and MPIN are forgotten.
    """
    password = _password()
    hashed = hash_password(password)
    with transaction():
        customer = _hold(customer_id)
        anew = {"password_hash": hashed, "mpin_hash": NO_MPIN, "starts_by": _soon()}
        db.session.execute(update(Customer).where(Customer.id == customer_id).values(**anew))
        sessions.end_others(Session, customer_id)
        guesses.clear(Guess, f"password:{customer.number}")
        guesses.clear(Guess, f"mpin:{customer_id}")
        acts.record(staff, "reset_sign_in", customer_id, reason)
    return password


def _hold(customer_id: UUID) -> Customer:
    query = select(Customer).where(Customer.id == customer_id).with_for_update(of=Customer)
    found = db.session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise NotFound("There is no such customer.")
    return found


def _write_customer(**customer: object) -> bool:
    """Write a customer under a number that is free; says no where their id is taken."""
    for _ in range(20):
        number = str(10_000_000 + secrets.randbelow(90_000_000))
        row = insert(Customer).values(
            number=number, mpin_hash=NO_MPIN, starts_by=_soon(), **customer
        )
        if db.session.scalar(row.on_conflict_do_nothing().returning(Customer.id)):
            return True
        if db.session.scalar(select(Customer.id).where(Customer.id == customer["id"])):
            return False
    raise Conflict("No customer number was free. Send it again.")


def _write_account(bank: Bank, owner: UUID, label: str) -> UUID:
    account = ledger.open_account("bank", "customer", owner=owner)
    for _ in range(20):
        number = f"{BRANCH}{secrets.randbelow(10**8):08}"
        row = insert(BankAccount).values(
            id=account,
            customer_id=owner,
            bank_code=bank.code,
            number=number,
            ifsc=f"{bank.ifsc_prefix}0{BRANCH:0>6}",
            label=label,
        )
        free = row.on_conflict_do_nothing(index_elements=["number"])
        if db.session.scalar(free.returning(BankAccount.id)):
            return account
    raise Conflict("No account number was free. Send it again.")


def _soon() -> object:
    return func.clock_timestamp() + BEGIN_WITHIN


def _password() -> str:
    """Twelve letters and digits in fours: easy to read out, and 59 bits."""
    drawn = [secrets.choice(LETTERS) for _ in range(12)]
    return "-".join("".join(drawn[start : start + 4]) for start in (0, 4, 8))
