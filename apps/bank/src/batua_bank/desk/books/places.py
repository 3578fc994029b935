"""At which bank an account is, and of what kind: the columns of the bank's books."""

from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Subquery,
    cast,
    func,
    literal,
    select,
    union_all,
)

from batua_db.models.bank import Bank, BankAccount
from batua_db.models.clients import Platform
from batua_db.models.ledger import Pending, Transfer

CASH, CUSTOMERS = "cash", "customers"


def places() -> CTE:
    """Every account of the bank's book: ``account``, ``bank``, and ``kind``.

    A kind is ``cash``, ``customers``, or the id of the platform whose account it is, behind a
    colon. No account ever changes its bank or its kind.
    """
    return union_all(
        select(
            Bank.cash_account.label("account"),
            Bank.code.label("bank"),
            literal(CASH).label("kind"),
        ),
        select(BankAccount.id, BankAccount.bank_code, literal(CUSTOMERS)),
        select(Platform.account_id, Platform.bank_code, literal(":") + Platform.client_id),
    ).cte("places")


def legs(*where: ColumnElement[bool]) -> CTE:
    """Both sides of the transfers for which ``where`` holds: ``account``, ``amount``, ``at``."""

    def side(account: Any, amount: Any) -> Any:
        columns = (account.label("account"), amount.label("amount"))
        return select(*columns, Transfer.created_at.label("at")).where(*where)

    debits = side(Transfer.debit_account, -cast(Transfer.amount, BigInteger))
    credits = side(Transfer.credit_account, cast(Transfer.amount, BigInteger))
    return union_all(debits, credits).cte("legs")


def waiting() -> Subquery:
    """What waits on hot accounts to be booked: ``account_id``, ``amount``."""
    total = func.sum(Pending.amount).label("amount")
    return select(Pending.account_id, total).group_by(Pending.account_id).subquery()


def paise(amount: Any) -> ColumnElement[int]:
    """A sum that may be of nothing, as a plain number."""
    return cast(func.coalesce(cast(amount, BigInteger), 0), BigInteger)
