"""What the ledger refuses, as sentences; mistakes of programmers are ``ValueError``s."""

from uuid import UUID

from .errors import IdempotencyMismatch, Refused
from .money import Money


class LedgerError(Exception):
    """The ledger refused, and nothing was written. ``position`` is which of ``move_all`` it was."""

    position: int = 0


class InsufficientFunds(Refused, LedgerError):
    """``short_by`` is missing."""

    code = "insufficient_funds"

    def __init__(self, short_by: Money) -> None:
        super().__init__(f"You need {short_by} more to do this.", field="amount")
        self.short_by = short_by


class OverReversed(Refused, LedgerError):
    """More than is left of the original, by ``short_by``."""

    code = "over_reversed"

    def __init__(self, short_by: Money) -> None:
        super().__init__(f"This is {short_by} more than is left to return.", field="amount")
        self.short_by = short_by


class AccountFrozen(Refused, LedgerError):
    """Money may come in but not go out, except to reverse what came."""

    code = "account_frozen"

    def __init__(self) -> None:
        super().__init__("This account is frozen: money can come in, but not go out.")


class AccountClosed(Refused, LedgerError):
    """Nothing moves any more."""

    code = "account_closed"

    def __init__(self) -> None:
        super().__init__("This account is closed, so no money can move in or out of it.")


class NotEmpty(Refused, LedgerError):
    """Only an empty account can be closed."""

    code = "account_not_empty"

    def __init__(self) -> None:
        super().__init__("There is still money in this account. Empty it first, then close it.")


class KeyReused(IdempotencyMismatch, LedgerError):
    """The key belongs to the transfer ``transfer_id``, which has other terms."""

    def __init__(self, transfer_id: UUID) -> None:
        super().__init__()
        self.transfer_id = transfer_id


class Mismatch(LedgerError, ValueError):
    """Other book or currency, or not the mirror of what it reverses."""


class UnknownAccount(LedgerError, ValueError):
    """No such account."""


class InvalidMove(LedgerError, ValueError):
    """An amount, key, kind or note that the caller should never have let through."""
