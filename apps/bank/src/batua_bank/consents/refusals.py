"""Why nothing is taken by a consent. Platforms read these: no balance of a customer is in them."""

from batua_db.errors import NotFound, Refused
from batua_db.money import Money


class UnknownConsent(NotFound):
    """There is no such consent, or it is for another platform, or of another customer."""

    def __init__(self) -> None:
        super().__init__("There is no such consent.")


class ConsentRevoked(Refused):
    """The customer, or the platform itself, has ended it."""

    code = "consent_revoked"

    def __init__(self) -> None:
        super().__init__(
            "This consent was revoked. Ask the customer with a payment session.", field="consent"
        )


class ConsentExpired(Refused):
    """Its year is over."""

    code = "consent_expired"

    def __init__(self) -> None:
        super().__init__(
            "This consent has run out. Ask the customer with a payment session.", field="consent"
        )


class OverTheCap(Refused):
    """More than is left of this month's cap."""

    code = "over_the_cap"

    def __init__(self, left: Money) -> None:
        super().__init__(
            f"The customer allows {left} more this month. Ask with a payment session.",
            field="amount",
        )


class TooLittle(Refused):
    """The account holds less than is asked for; by how much is the customer's to know."""

    code = "insufficient_funds"

    def __init__(self) -> None:
        super().__init__("The account does not hold as much.", field="amount")


class CapTooHigh(Refused):
    """More than the platform asked to be allowed."""

    code = "cap_too_high"

    def __init__(self, asked: Money) -> None:
        super().__init__(f"They ask for at most {asked} a month. Allow that, or less.", field="cap")
