"""An operation as the desk sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from batua_db.models.ledger import Transfer
from batua_db.models.wallet import User
from batua_db.money import Money
from batua_user.activity.parties import Party
from batua_user.story import Knot

Facts = Sequence[tuple[str, str | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What was asked, by whom, and how it stands. ``keys``: its movements in the ledger."""

    id: UUID
    title: str
    state: str
    amount: Money
    at: datetime
    keys: Sequence[str]
    people: Sequence[tuple[str, User]] = ()
    facts: Facts = ()
    knots: Sequence[Knot] = ()
    news: str = ""  # which of the bank's messages are about it: those whose type begins so
    check_at: datetime | None = None  # when the bank, or the biller, is asked again
    checks: int = 0


@dataclass(frozen=True, slots=True)
class Booked:
    """A movement in the ledger, with whose accounts it is between."""

    transfer: Transfer
    debit: Party
    credit: Party
