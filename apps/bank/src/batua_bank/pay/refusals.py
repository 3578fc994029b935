"""Why a payment can't go on."""

from datetime import timedelta

from batua_db.errors import Conflict, Gone, NotFound, Refused, TooMany
from batua_db.models.bank import PaymentSession
from batua_db.money import Money


class UnknownLink(NotFound):
    """No payment session ever had this link."""

    def __init__(self) -> None:
        super().__init__("This payment link does not exist. Start the payment again.")


class Expired(Gone):
    """Its five minutes are over, or Redis forgot it; no money moved."""

    def __init__(self, session: PaymentSession) -> None:
        super().__init__("This payment link has expired. No money has left your account.")
        self.session = session


class Used(Conflict):
    """It was approved or declined before."""

    code = "already_decided"

    def __init__(self, session: PaymentSession) -> None:
        super().__init__("This payment was decided already.")
        self.session = session


class ReferenceUsed(Conflict):
    """The client asked for this reference before, under another idempotency key."""

    code = "reference_used"

    def __init__(self) -> None:
        super().__init__(
            "A payment session with this reference exists. Use its idempotency key to read it"
            " again, or a reference of its own for another payment.",
            field="reference",
        )


class InvalidReturnUrl(Refused):
    """The address does not lead back to the platform."""

    code = "invalid_return_url"

    def __init__(self) -> None:
        super().__init__(
            "Give an address of the platform itself: its registered origin, and a path.",
            field="return_url",
        )


class NotYourAccount(Refused):
    """None of the customer's own accounts at this bank."""

    code = "unknown_account"

    def __init__(self) -> None:
        super().__init__("Choose one of your accounts.", field="account")


class TooLittle(Refused):
    """The account holds less than the payment."""

    code = "insufficient_funds"

    def __init__(self, name: str, short_by: Money) -> None:
        super().__init__(
            f"{name} is short by {short_by}. Choose another account, or decline.", field="account"
        )


class WrongMpin(Refused):
    """That was not the MPIN."""

    code = "wrong_mpin"

    def __init__(self, left: int) -> None:
        tries = "1 try" if left == 1 else f"{left} tries"
        super().__init__(f"That is not your MPIN. {tries} left.", field="mpin")


class MpinLocked(TooMany):
    """So many wrong ones that the next is not even looked at."""

    code = "mpin_locked"

    def __init__(self, wait: timedelta) -> None:
        super().__init__(
            "Your MPIN is locked after too many wrong tries. Try again tomorrow, or ask your"
            " branch for a new one.",
            retry_after=int(wait.total_seconds()),
            field="mpin",
        )
