"""Do the two books agree? Each bank's platform account against the wallet's float, by reference.

At rest the two cancel out: what the bank's book says Batua has there, the wallet's book
owes to people. What differs is money on its way, and each piece of it has a name: the
reference that both sides know it by (the top-up's id, the payout's). Money that came in
under a reference and money that went out under it, a refund say, are two pieces.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from .money import Money

ON_ITS_WAY = 60  # seconds that the news of a payment may take before it is a fault

BANKS = text("SELECT code, float_account AS account FROM wallet.bank ORDER BY code")
PLATFORMS = text("SELECT code, platform_account AS account FROM bank.bank ORDER BY code")
BALANCE = text(
    "SELECT CAST(balance + coalesce((SELECT sum(amount) FROM ledger.pending"
    " WHERE account_id = account.id), 0) AS bigint) FROM ledger.account WHERE id = :account"
)
# A wallet transfer's key is `topup:<reference>:…` or `withdrawal:<reference>:…`; the bank
# writes the reference into what it moves.
BOOKED = text(
    "SELECT coalesce(nullif(split_part(t.key, ':', 2), ''), 'transfer ' || t.id) AS reference,"
    " CASE t.debit_account WHEN :account THEN t.amount ELSE -t.amount END AS amount, 0 AS age"
    " FROM ledger.transfer t"
    " WHERE t.book = 'wallet' AND :account IN (debit_account, credit_account)"
)
MOVED = text(
    "SELECT coalesce(p.reference, t.details ->> 'reference', 'transfer ' || t.id) AS reference,"
    " CASE t.credit_account WHEN :account THEN t.amount ELSE -t.amount END AS amount,"
    " CAST(extract(epoch FROM clock_timestamp() - t.created_at) AS bigint) AS age"
    " FROM ledger.transfer t LEFT JOIN bank.payment p ON p.transfer_id = t.id"
    " WHERE t.book = 'bank' AND :account IN (debit_account, credit_account)"
)
UNPAID = text(
    "SELECT p.reference, p.amount FROM bank.payment p"
    " LEFT JOIN ledger.transfer t ON t.id = p.transfer_id AND t.amount = p.amount"
    " AND t.credit_account = :account WHERE p.bank_code = :code AND t.id IS NULL"
    " UNION ALL SELECT p.reference, -p.amount FROM bank.payout p"
    " LEFT JOIN ledger.transfer t ON t.id = p.transfer_id AND t.amount = p.amount"
    " AND t.debit_account = :account"
    " WHERE p.bank_code = :code AND p.status = 'succeeded' AND t.id IS NULL"
    " UNION ALL SELECT p.reference, -r.amount FROM bank.refund r"
    " JOIN bank.payment p ON p.id = r.payment_id"
    " LEFT JOIN ledger.transfer t ON t.id = r.transfer_id AND t.amount = r.amount"
    " AND t.debit_account = :account AND t.reverses = p.transfer_id"
    " WHERE p.bank_code = :code AND t.id IS NULL"
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


class Fault(NamedTuple):
    """Something that does not hold, and where."""

    fault: str
    place: str
    detail: str


@dataclass(frozen=True)
class Side:
    """One bank as one of the two books has it."""

    balance: int = 0
    legs: dict[str, Leg] = field(default_factory=dict[str, Leg])
    suspended: dict[str, Leg] = field(default_factory=dict[str, Leg])
    unpaid: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])


@dataclass(frozen=True)
class Reconciliation:
    """One bank: both balances, what explains their difference, and what does not."""

    bank: str
    platform: int
    float: int
    explained: list[dict[str, Any]]
    faults: list[Fault]

    @property
    def on_its_way(self) -> int:
        """What the bank has moved and the wallet will have booked in a moment."""
        return sum(item["amount"] for item in self.explained)

    @property
    def difference(self) -> int:
        """What nothing explains: zero, or something is wrong."""
        return self.platform + self.float - self.on_its_way


def read_wallet(connection: Connection) -> dict[str, Side]:
    """Each bank as the wallet's book has it."""
    return {
        bank.code: Side(
            _balance(connection, bank.account),
            _legs(connection, BOOKED, bank.account),
            suspended=_legs(connection, SUSPENDED, bank.account),
        )
        for bank in connection.execute(BANKS).all()
    }


def read_bank(connection: Connection) -> dict[str, Side]:
    """Each bank as its own book has it."""
    return {
        bank.code: Side(
            _balance(connection, bank.account),
            _legs(connection, MOVED, bank.account),
            unpaid=[
                (row.reference, row.amount)
                for row in connection.execute(UNPAID, {"account": bank.account, "code": bank.code})
            ],
        )
        for bank in connection.execute(PLATFORMS).all()
    }


def reconcile(wallet: dict[str, Side], bank: dict[str, Side]) -> list[Reconciliation]:
    """Match the two books, bank by bank."""
    codes = sorted(wallet.keys() | bank.keys())
    return [_match(code, wallet.get(code, Side()), bank.get(code, Side())) for code in codes]


def _match(code: str, wallet: Side, bank: Side) -> Reconciliation:
    explained = [
        {"what": "in suspense", "reference": reference, "amount": 0, "held": held, "age": age}
        for reference, (held, age) in sorted(wallet.suspended.items())
    ]
    faults = [
        Fault("no such transfer", f"payment {reference}", f"{Money(amount)} recorded at {code}")
        for reference, amount in sorted(bank.unpaid)
    ]
    for reference in sorted(wallet.legs.keys() | bank.legs.keys()):
        here, there = wallet.legs.get(reference), bank.legs.get(reference)
        if fault := _fault(code, reference, here, there):
            faults.append(fault)
        elif there and not here:
            explained.append(_on_its_way(reference, there))
    return Reconciliation(code, bank.balance, wallet.balance, explained, faults)


def _on_its_way(reference: str, leg: Leg) -> dict[str, Any]:
    return {"what": "on its way", "reference": reference, "amount": leg.amount, "age": leg.age}


def _fault(code: str, reference: str, here: Leg | None, there: Leg | None) -> Fault | None:
    """Say what is wrong with a reference, if anything is."""
    place = f"reference {reference}"
    if here and not there:
        return Fault("missing at the bank", place, f"{Money(here.amount)} booked, none at {code}")
    if here and there and here.amount != there.amount:
        detail = f"{Money(here.amount)} booked, {Money(there.amount)} moved at {code}"
        return Fault("amounts differ", place, detail)
    if there and not here and there.age >= ON_ITS_WAY:
        detail = (
            f"{Money(there.amount)} moved at {code} {there.age} s ago, not in the wallet's book"
        )
        return Fault("not booked", place, detail)
    return None


def _balance(connection: Connection, account: Any) -> int:
    return connection.scalar(BALANCE, {"account": account}) or 0


def _legs(connection: Connection, query: Any, account: Any) -> dict[str, Leg]:
    """What each reference moved in sum, in and out apart; its age is that of the last transfer."""
    found: dict[str, list[Leg]] = defaultdict(list)
    for row in connection.execute(query, {"account": account}):
        name = row.reference if row.amount > 0 else f"{row.reference} (out)"
        found[name].append(Leg(row.amount, row.age))
    return {
        reference: Leg(sum(leg.amount for leg in legs), min(leg.age for leg in legs))
        for reference, legs in found.items()
    }
