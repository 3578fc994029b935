"""Seams: the few places where something other than the bank may have a say.

As they are, nothing happens there. In development the simulator puts its own in their
place; production never imports it.
"""

from typing import TYPE_CHECKING, cast

from flask import current_app
from sqlalchemy import ColumnElement, true
from werkzeug.local import LocalProxy

from batua_db.errors import DomainError

if TYPE_CHECKING:
    from batua_db.models.bank import PaymentSession
    from batua_db.models.outbox import Event
    from batua_db.models.outgoing import Payout

    from .payouts.service import Failure
    from .webhooks.sender import Letter

EXTENSION = "batua_bank_seams"


class Seams:
    """The bank as it is."""

    def declines(self, session: "PaymentSession") -> bool:
        """Whether the bank itself turns down a payment that its customer approves."""
        return False

    def refusal(self, session: "PaymentSession", source: str) -> DomainError | None:
        """Why the account called ``source`` can't pay now; the session stays open."""
        return None

    def announced(self, event: "Event") -> None:
        """An event and its dispatches were written; the caller commits."""

    def mailed(self, letters: "list[Letter]") -> "list[Letter]":
        """What is sent in the place of ``letters``: each of them, in the same order."""
        return letters

    def payout_is_due(self) -> ColumnElement[bool]:
        """Which of the payouts that wait are to be carried out now."""
        return true()

    def payout_failure(self, payout: "Payout") -> "Failure | None":
        """Why a payout fails that is about to be carried out."""
        return None


AS_IT_IS = Seams()
seams = cast(Seams, LocalProxy(lambda: current_app.extensions.get(EXTENSION, AS_IT_IS)))
