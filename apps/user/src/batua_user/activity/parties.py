"""Who is on the other side of a movement, in people's words.

Accounts know no names. Those of a page are looked up together, in one query, whatever
they belong to: a person, a merchant, a biller, a bank, or Batua itself.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, cast
from uuid import UUID

from sqlalchemy import CompoundSelect, String, Uuid, any_, literal, null, select, union_all
from sqlalchemy import cast as as_type
from sqlalchemy.dialects.postgresql import ARRAY

from batua_db.database import db
from batua_db.models.ledger import Account
from batua_db.models.payments import Biller, LinkedAccount, Merchant, Payout
from batua_db.models.wallet import Bank, User
from batua_user.billers.catalogue import CATEGORIES

Kind = Literal["person", "merchant", "biller", "bank", "batua"]

HOUSE = {
    "in_flight": "On its way to a bank",
    "suspense": "Set aside",
    "fees": "Batua’s fees",
}
ICONS = {"bank": "landmark", "biller": "receipt-indian-rupee", "batua": "scale"}
BILLS = {category.id: category.icon for category in CATEGORIES}


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a movement. ``id`` is the person's, the merchant's, or a code."""

    kind: Kind
    id: str
    name: str
    phone: str | None = None
    category: str = ""

    @property
    def icon(self) -> str | None:
        """What stands for them; ``None`` for those who have initials."""
        return BILLS.get(self.category) or ICONS.get(self.kind)


BATUA = Party("batua", "batua", "Batua")


def of_accounts(accounts: Collection[UUID]) -> dict[UUID, Party]:
    """Whose these accounts of the wallet's book are; those of nobody are left out."""
    if not accounts:
        return {}
    found: dict[UUID, Party] = {}
    for account, kind, id_, name, phone, category in db.session.execute(_owners(accounts)):
        shown = HOUSE.get(name, "Batua") if kind == "batua" else name
        found[account] = Party(cast(Kind, kind), id_, shown, phone, category)
    return found


def of_payouts(payouts: Collection[UUID]) -> dict[UUID, Party]:
    """The bank account that each of these payouts goes to."""
    if not payouts:
        return {}
    query = (
        select(Payout.id, Bank.code, Bank.name, LinkedAccount.last_digits)
        .join(LinkedAccount, LinkedAccount.id == Payout.linked_account_id)
        .join(Bank, Bank.code == LinkedAccount.bank_code)
        .where(Payout.id.in_(payouts))
    )
    return {
        payout: Party("bank", code, f"{name} ··{digits}")
        for payout, code, name, digits in db.session.execute(query)
    }


def _owners(accounts: Collection[UUID]) -> CompoundSelect[*tuple[UUID, str, str, str, str, str]]:
    none, nothing = as_type(null(), String), literal("")
    wanted = any_(literal(list(accounts), ARRAY(Uuid())))  # one parameter, however many they are
    return union_all(
        select(
            User.account_id, literal("person"), as_type(User.id, String), User.name, User.phone,
            nothing,
        ).where(User.account_id == wanted),
        select(
            Merchant.account_id, literal("merchant"), as_type(Merchant.id, String),
            Merchant.business_name, none, Merchant.category,
        ).where(Merchant.account_id == wanted),
        select(
            Biller.account_id, literal("biller"), Biller.code, Biller.name, none, Biller.category,
        ).where(Biller.account_id == wanted),
        select(Bank.float_account, literal("bank"), Bank.code, Bank.name, none, nothing).where(
            Bank.float_account == wanted
        ),
        select(Account.id, literal("batua"), Account.kind, Account.kind, none, nothing).where(
            Account.id == wanted, Account.kind.in_(HOUSE)
        ),
    )  # fmt: skip
