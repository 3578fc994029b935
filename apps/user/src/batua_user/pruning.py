"""What the wallet forgets, and after how long. Whatever tells of money is kept for ever."""

from datetime import timedelta

from sqlalchemy import func

from batua_db import guesses, pruning
from batua_db.models.desk import StaffSession
from batua_db.models.wallet import Code, Guess, Lookup, Message, Registration, Session

A_DAY = timedelta(days=1)
MESSAGES_KEPT = timedelta(days=30)  # by the development mailbox; elsewhere there are none


def prune() -> int:
    """Delete what has had its time; the worker's task. Returns how many rows that were."""
    now = func.clock_timestamp()
    a_day_ago = now - A_DAY
    return pruning.prune(
        {
            Session: Session.expires_at < now,
            StaffSession: StaffSession.expires_at < now,
            # From then on a count begins anew, whether its row is there or not.
            Guess: (Guess.last_at < now - guesses.FORGOTTEN) & (Guess.blocked_until < now),
            Code: Code.expires_at < a_day_ago,
            Registration: Registration.created_at < a_day_ago,
            Lookup: Lookup.created_at < a_day_ago,  # counted by the hour and by the day
            Message: Message.created_at < now - MESSAGES_KEPT,
        }
    )
