"""Do the two books agree? Each bank's platform account against the wallet's float, by reference.

At rest the two cancel out: what the bank's book says Batua has there, the wallet's book
owes to people. What differs is money on its way, and each piece of it has a name: the
reference that both sides know it by (the top-up's id, the payout's). Money that came in
under a reference and money that went out under it, a refund say, are two pieces.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, text

from .money import Money

ON_ITS_WAY = 60  # seconds that the news of a payment may take before it is a fault

What = Literal["on its way", "in suspense", "not booked", "missing at the bank", "amounts differ"]

BANKS = text("SELECT code, float_account AS account FROM wallet.bank ORDER BY code")
PLATFORMS = text(
    "SELECT bank_code AS code, account_id AS account FROM bank.platform"
    " WHERE client_id = 'wallet' ORDER BY bank_code"
)
BALANCE = text(
    "SELECT CAST(balance + coalesce((SELECT sum(amount) FROM ledger.pending"
    " WHERE account_id = account.id), 0) AS bigint) FROM ledger.account WHERE id = :account"
)
BOOKED = text(
    "SELECT t.key, t.id, CASE t.debit_account WHEN :account THEN t.amount ELSE -t.amount END"
    " AS amount, 0 AS age FROM ledger.transfer t"
    " WHERE t.book = 'wallet' AND :account IN (debit_account, credit_account)"
)
MOVED = text(
    "SELECT coalesce(p.reference, t.details ->> 'reference') AS reference, t.id,"
    " CASE t.credit_account WHEN :account THEN t.amount ELSE -t.amount END AS amount,"
    " CAST(extract(epoch FROM clock_timestamp() - t.created_at) AS bigint) AS age"
    " FROM ledger.transfer t LEFT JOIN bank.payment p ON p.transfer_id = t.id"
    " WHERE t.book = 'bank' AND :account IN (debit_account, credit_account)"
)
UNPAID = text(
    "SELECT p.reference, p.amount FROM bank.payment p"
    " LEFT JOIN ledger.transfer t ON t.id = p.transfer_id AND t.amount = p.amount"
    " AND t.credit_account = :account"
    " WHERE p.client = 'wallet' AND p.bank_code = :code AND t.id IS NULL"
    " UNION ALL SELECT p.reference, -p.amount FROM bank.payout p"
    " LEFT JOIN ledger.transfer t ON t.id = p.transfer_id AND t.amount = p.amount"
    " AND t.debit_account = :account"
    " WHERE p.client = 'wallet' AND p.bank_code = :code AND p.status = 'succeeded' AND t.id IS NULL"
    " UNION ALL SELECT p.reference, -r.amount FROM bank.refund r"
    " JOIN bank.payment p ON p.id = r.payment_id"
    " LEFT JOIN ledger.transfer t ON t.id = r.transfer_id AND t.amount = r.amount"
    " AND t.debit_account = :account AND t.reverses = p.transfer_id"
    " WHERE p.client = 'wallet' AND p.bank_code = :code AND t.id IS NULL"
)
SUSPENDED = text(
    "SELECT split_part(t.key, ':', 2) AS reference, t.amount,"
    " CAST(extract(epoch FROM clock_timestamp() - t.created_at) AS bigint) AS age"
    " FROM ledger.transfer t JOIN ledger.account s ON s.id = t.credit_account"
    " WHERE t.book = 'wallet' AND s.kind = 'suspense' AND t.debit_account = :account"
    " AND NOT EXISTS (SELECT FROM ledger.transfer r WHERE r.debit_account = s.id"
    " AND split_part(r.key, ':', 2) = split_part(t.key, ':', 2))"
)


class Leg(NamedTuple):
    """What one reference moved, in paise, and how many seconds ago."""

    amount: int
    age: int


class Name(NamedTuple):
    """What both sides know a movement by; money out under a reference is apart from money in."""

    reference: str
    out: bool

    def __str__(self) -> str:
        return f"{self.reference} (out)" if self.out else self.reference


class Fault(NamedTuple):
    """Something that does not hold, and where."""

    fault: str
    place: str
    detail: str


class Item(NamedTuple):
    """A named difference: what the bank moved and what we booked, in paise, and for how long.

    It is wrong, or it explains itself and will be gone in a moment.
    """

    what: What
    name: Name
    moved: int
    booked: int
    age: int
    wrong: bool

    @property
    def amount(self) -> int:
        """What the bank has more than our book."""
        return self.moved - self.booked

    def as_fault(self, code: str) -> Fault:
        """In words."""
        moved, booked = Money(self.moved), Money(self.booked)
        detail = {
            "missing at the bank": f"{booked} booked, none at {code}",
            "amounts differ": f"{booked} booked, {moved} moved at {code}",
        }.get(self.what, f"{moved} moved at {code} {self.age} s ago, not in the wallet's book")
        return Fault(self.what, f"reference {self.name}", detail)


@dataclass(frozen=True)
class Side:
    """One bank as one of the two books has it. What both have in the same way may be left out."""

    balance: int = 0
    legs: Mapping[Name, Leg] = field(default_factory=dict[Name, Leg])
    suspended: Mapping[str, Leg] = field(default_factory=dict[str, Leg])
    unpaid: Sequence[tuple[str, int]] = ()


@dataclass(frozen=True)
class Reconciliation:
    """One bank: both balances, what explains their difference, and what does not."""

    bank: str
    platform: int
    float: int
    items: list[Item]
    unpaid: Sequence[tuple[str, int]] = ()

    @property
    def explained(self) -> list[dict[str, Any]]:
        """What will be gone in a moment, and what waits in suspense, for programs."""
        return [_as_explained(item) for item in self.items if not item.wrong]

    @property
    def faults(self) -> list[Fault]:
        """What is wrong, in words."""
        unpaid = [
            Fault("no such transfer", f"payment {name}", f"{Money(amount)} recorded at {self.bank}")
            for name, amount in sorted(self.unpaid)
        ]
        return unpaid + [item.as_fault(self.bank) for item in self.items if item.wrong]

    @property
    def on_its_way(self) -> int:
        """What the bank has moved and the wallet will have booked in a moment."""
        return sum(item.amount for item in self.items if not item.wrong)

    @property
    def difference(self) -> int:
        """What nothing explains: zero, or something is wrong."""
        return self.platform + self.float - self.on_its_way


def reference_of(key: str, transfer: UUID) -> str:
    """What a transfer of the wallet's is about: ``topup:<reference>:…``, ``withdrawal:…``."""
    return name_of(key.partition(":")[2].partition(":")[0], transfer)


def name_of(reference: str | None, transfer: UUID | str) -> str:
    """The reference of a transfer, or something to call it by if it has none."""
    return reference or f"transfer {transfer}"


def read_wallet(connection: Connection) -> dict[str, Side]:
    """Each bank as the wallet's book has it."""
    return {
        bank.code: Side(
            _balance(connection, bank.account),
            sum_up(
                (reference_of(row.key, row.id), Leg(row.amount, row.age))
                for row in connection.execute(BOOKED, {"account": bank.account})
            ),
            suspended={
                row.reference: Leg(row.amount, row.age)
                for row in connection.execute(SUSPENDED, {"account": bank.account})
            },
        )
        for bank in connection.execute(BANKS).all()
    }


def read_bank(connection: Connection) -> dict[str, Side]:
    """Each bank as its own book has it."""
    return {
        bank.code: Side(
            _balance(connection, bank.account),
            sum_up(
                (name_of(row.reference, row.id), Leg(row.amount, row.age))
                for row in connection.execute(MOVED, {"account": bank.account})
            ),
            unpaid=[
                (row.reference, row.amount)
                for row in connection.execute(UNPAID, {"account": bank.account, "code": bank.code})
            ],
        )
        for bank in connection.execute(PLATFORMS).all()
    }


def sum_up(moved: Iterable[tuple[str, Leg]]) -> dict[Name, Leg]:
    """What each reference moved in sum, in and out apart; its age is that of the last transfer."""
    found: dict[Name, Leg] = {}
    for reference, leg in moved:
        name = Name(reference, leg.amount < 0)
        before = found.get(name, Leg(0, leg.age))
        found[name] = Leg(before.amount + leg.amount, min(before.age, leg.age))
    return found


def reconcile(
    wallet: Mapping[str, Side], bank: Mapping[str, Side], *, patience: int = 0
) -> list[Reconciliation]:
    """Match the two books, bank by bank.

    What the wallet has and the bank has not, or not in this amount, is wrong once it is
    ``patience`` seconds old: at once, where the bank's side was read after the wallet's.
    """
    codes = sorted(wallet.keys() | bank.keys())
    return [
        _match(code, wallet.get(code, Side()), bank.get(code, Side()), patience) for code in codes
    ]


def _match(code: str, wallet: Side, bank: Side, patience: int) -> Reconciliation:
    items = [
        Item("in suspense", Name(reference, out=False), held, held, age, wrong=False)
        for reference, (held, age) in sorted(wallet.suspended.items())
    ]
    for name in sorted(wallet.legs.keys() | bank.legs.keys()):
        if item := judge(name, wallet.legs.get(name), bank.legs.get(name), patience):
            items.append(item)
    return Reconciliation(code, bank.balance, wallet.balance, items, bank.unpaid)


def judge(name: Name, here: Leg | None, there: Leg | None, patience: int) -> Item | None:
    """Say what differs about a reference, and whether that is wrong; ``None`` if nothing does."""
    moved, booked = (leg.amount if leg else 0 for leg in (there, here))
    if moved == booked:
        return None
    age = min(leg.age for leg in (here, there) if leg)
    late = age >= (patience if here else ON_ITS_WAY)
    what: What = "on its way"
    if late:
        what = ("amounts differ" if there else "missing at the bank") if here else "not booked"
    return Item(what, name, moved, booked, age, late)


def _as_explained(item: Item) -> dict[str, Any]:
    said = {"what": item.what, "reference": str(item.name), "amount": item.amount, "age": item.age}
    return said | {"held": item.booked} if item.what == "in suspense" else said


def _balance(connection: Connection, account: Any) -> int:
    return connection.scalar(BALANCE, {"account": account}) or 0
