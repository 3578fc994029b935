"""What settings show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from batua_db import sessions
from batua_db.models.wallet import Session
from batua_ui.browsers import is_phone, name_of


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A browser that is signed in."""

    browser: str
    phone: bool
    since: datetime
    here: bool


def signed_in(user_id: UUID, token: str) -> Sequence[SignedIn]:
    """The browsers of a person, this one first."""
    return [
        SignedIn(name_of(each.agent), is_phone(each.agent), each.since, each.here)
        for each in sessions.listed(Session, user_id, here=token)
    ]
