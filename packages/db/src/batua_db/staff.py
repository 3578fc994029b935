"""Those who work at a desk: how they sign in, and the record of what they do.

The wallet and the bank have a desk each, with tables of its own; what both do with them is here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select, tuple_

from . import credentials, guesses, sessions
from .database import db, transaction
from .errors import Refused
from .models.shared import ActMixin, GuessMixin, SessionMixin, StaffMixin

A_LOOK = timedelta(hours=1)  # so long one look lasts
A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Page:
    """Some acts, newest first, and where older ones go on."""

    acts: Sequence[Any]
    older: UUID | None


def _as_it_is(subject: Any) -> Any:
    return subject


@dataclass(frozen=True, slots=True)
class Desk:
    """A desk, by its tables."""

    staff: type[StaffMixin]
    session: type[SessionMixin]
    act: type[ActMixin]
    guess: type[GuessMixin]
    as_subject: Callable[[Any], Any] = _as_it_is  # how the record keeps what was acted on

    def sign_in(
        self, *, username: str, password: str, agent: str, address: str, instead_of: str = ""
    ) -> str:
        """Check a password; returns the token of a new session. ``instead_of`` ends.

        A known username and an unknown one do the same work and get the same answer.
        """
        subject, place = f"staff:{username}", guesses.this_hour(f"address:{address}")
        with transaction():
            guesses.take(self.guess, subject, guesses.PASSWORD)
            guesses.take(self.guess, place, guesses.ADDRESS)
            found = db.session.execute(
                select(self.staff.id, self.staff.password_hash).where(
                    self.staff.username == username
                )
            ).one_or_none()
        # Without a connection: this is the slow part, and a flood of it must not take them all.
        with guesses.evaluated(self.guess, subject, place):
            right = credentials.verify_password(found.password_hash if found else None, password)
        if not found or not right:
            raise Refused("The username and the password do not match. Check both, and try again.")
        with transaction():
            guesses.clear(self.guess, subject)
            guesses.take_back(self.guess, place)
            sessions.end(self.session, instead_of)
            return sessions.begin(self.session, found.id, agent=agent, address=address)

    def find(self, token: str) -> Any:
        """Who is signed in with ``token``, or nobody; what they do keeps the session alive."""
        staff = sessions.owner_of(self.session, token) if token else None
        if staff:
            sessions.stay(self.session, staff)
        return staff

    def sign_out(self, token: str) -> None:
        """End a session, for every copy of its cookie."""
        with transaction():
            sessions.end(self.session, token)

    def record(
        self, staff: StaffMixin, what: str, subject: Any, reason: str, **details: Any
    ) -> None:
        """Write down an act in the transaction in which it is done.

        ``what`` is a verb such as ``freeze``, ``subject`` the person, the business, the transfer
        it is done to. ``details`` go into JSON, and hold nobody's personal data.
        """
        act: type[Any] = self.act
        db.session.add(
            act(
                staff_id=staff.id,
                what=what,
                subject=self.as_subject(subject),
                reason=reason,
                details=details,
            )
        )
        db.session.flush()  # one at a time: their times are their order

    def look(self, staff: StaffMixin, subject: Any, reason: str = "opened from search") -> None:
        """Write down that somebody looked at a person or an operation, once an hour."""
        with transaction():
            recent = exists().where(
                self.act.staff_id == staff.id,
                self.act.what == "look",
                self.act.subject == self.as_subject(subject),
                self.act.created_at > func.clock_timestamp() - A_LOOK,
            )
            if not db.session.scalar(select(recent)):
                self.record(staff, "look", subject, reason)

    def acts(
        self, *, staff: UUID | None = None, subject: Any = None, after: UUID | None = None
    ) -> Page:
        """Acts of all or of one, on all or on one thing, from ``after`` on."""
        act = self.act
        query = select(act)
        if staff:
            query = query.where(act.staff_id == staff)
        if subject:
            query = query.where(act.subject == subject)
        if after:
            place = select(act.created_at, act.id).where(act.id == after)
            query = query.where(tuple_(act.created_at, act.id) < place.scalar_subquery())
        newest = query.order_by(act.created_at.desc(), act.id.desc()).limit(A_PAGE + 1)
        found = db.session.scalars(newest).all()
        return Page(found[:A_PAGE], found[A_PAGE - 1].id if len(found) > A_PAGE else None)

    def everybody(self) -> Sequence[Any]:
        """All who work or worked at it."""
        return db.session.scalars(select(self.staff).order_by(self.staff.name)).all()
