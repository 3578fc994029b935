"""Refusals: sentences for the person who is refused, in a few kinds.

A kind decides the HTTP status, ``code`` is the stable name in the API, ``field`` the
form field the sentence belongs beside. Mistakes of programmers are not here: they are
``ValueError``s and become a 500.
"""


class DomainError(Exception):
    """A refusal the person can act on. ``str(error)`` is shown to them as it is."""

    code = "refused"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class Refused(DomainError):
    """The rules do not allow it."""


class NotFound(DomainError):
    """The thing does not exist, or is not theirs to see."""

    code = "not_found"


class Conflict(DomainError):
    """Someone got there first, or the same key came with other terms."""

    code = "conflict"


class Gone(DomainError):
    """It was there, and its time is over."""

    code = "expired"


class Temporary(DomainError):
    """It may work later: ``retry_after`` is in seconds."""

    def __init__(self, message: str, *, retry_after: int, field: str | None = None) -> None:
        super().__init__(message, field=field)
        self.retry_after = retry_after


class TooMany(Temporary):
    """Too many tries, or too many at once."""

    code = "too_many_requests"


class Unavailable(Temporary):
    """Something we need does not answer."""

    code = "unavailable"


class IdempotencyMismatch(Conflict):
    """The key was used before, with other terms."""

    code = "idempotency_mismatch"

    def __init__(self) -> None:
        super().__init__("This was already sent with other details. Start again with a new form.")
