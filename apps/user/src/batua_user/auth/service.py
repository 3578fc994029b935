"""Opening a wallet, signing in and out.

A known phone and an unknown one do the same work and get the same answer: whether a
number has a wallet is told to nobody who only knows the number.
"""

from contextlib import suppress
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from batua_db import credentials, guesses, ledger, sessions
from batua_db.database import db, transaction
from batua_db.errors import Conflict, Gone, Refused, TooMany
from batua_db.guesses import Rule
from batua_db.models.wallet import Guess, Registration, Session, User
from batua_user import codes
from batua_user.devices import service as devices
from batua_user.messages.service import require_provider

# One address may be a campus: only a flood is slowed down, by the hour, and nobody is shut out.
REGISTRATIONS = Rule(500, (60,))

CODE_TEXT = (
    "{code} is your code to open a Batua wallet, good for 5 minutes."
    " Batua never asks for it by phone."
)
HAS_ONE_TEXT = (
    "Someone tried to open a Batua wallet with this number. You have one: sign in instead."
    " If it wasn’t you, there is nothing to do."
)


def register(*, name: str, phone: str, password: str, address: str) -> UUID:
    """Write down who wants a wallet and send a code; returns the registration's id."""
    require_provider()
    with transaction():
        guesses.take(Guess, guesses.this_hour(f"register:{address}"), REGISTRATIONS)
    password_hash = credentials.hash_password(password)
    with transaction():
        owner = db.session.scalar(select(User.id).where(User.phone == phone))
        registration = Registration(
            id=uuid4(), name=name, phone=phone, password_hash=password_hash, user_id=owner
        )
        db.session.add(registration)
        registration_id = registration.id
        with suppress(TooMany):  # the next page says so, and offers to send one later
            _send_code(registration)
    return registration_id


def find_registration(registration_id: UUID | None) -> Registration:
    """Who is about to prove their phone; raises ``Gone`` where there is nobody."""
    found = registration_id and db.session.get(Registration, registration_id)
    if not found:
        raise Gone("Start again: your details were not kept.")
    return found


def resend(registration_id: UUID | None) -> None:
    """Send another code, if the last was a while ago; the one before is good no more."""
    require_provider()
    with transaction():
        locked = select(Registration).where(Registration.id == registration_id).with_for_update()
        registration = db.session.scalar(locked)
        if registration is None:
            raise Gone("Start again: your details were not kept.")
        _send_code(registration)


def open_wallet(
    registration_id: UUID | None, *, code: str, agent: str, address: str, device: str
) -> str:
    """Make the wallet of whoever holds the phone; returns the token of their session.

    ``device`` is the token of their browser, which is new to them, as the wallet is.
    """
    registration = find_registration(registration_id)
    phone = registration.phone
    code_id = codes.check("register", registration.id, phone=phone, typed=code)
    try:
        with transaction():
            codes.spend("register", code_id, phone=phone)
            user_id = _create(registration)
            devices.meet(user_id, device)
            return sessions.begin(Session, user_id, agent=agent, address=address)
    except IntegrityError as error:
        if "uq_user_phone" not in str(error.orig):
            raise
        raise Conflict("This number has a wallet by now. Sign in to it.") from error


def sign_in(
    *,
    phone: str,
    password: str,
    agent: str,
    address: str,
    device: str,
    instead_of: str = "",
) -> str:
    """Check a password; returns the token of a new session. ``instead_of`` ends.

    ``device`` is the token of their browser; of one that is new they are told.
    """
    subject, place = f"password:{phone}", guesses.this_hour(f"address:{address}")
    with transaction():
        guesses.take(Guess, subject, guesses.PASSWORD)
        guesses.take(Guess, place, guesses.ADDRESS)
        found = db.session.execute(
            select(User.id, User.password_hash).where(User.phone == phone)
        ).one_or_none()
    # Without a connection: this is the slow part, and a flood of it must not take them all.
    with guesses.evaluated(Guess, subject, place):
        right = credentials.verify_password(found.password_hash if found else None, password)
    if not found or not right:
        raise Refused("The number and the password do not match. Check both, and try again.")
    with transaction():
        guesses.clear(Guess, subject)
        guesses.take_back(Guess, place)
        sessions.end(Session, instead_of)
        if devices.meet(found.id, device):
            devices.tell_of_new(found.id, agent)
        return sessions.begin(Session, found.id, agent=agent, address=address)


def sign_out(token: str) -> None:
    """End a session, for every copy of its cookie."""
    with transaction():
        sessions.end(Session, token)


def _send_code(registration: Registration) -> None:
    text = HAS_ONE_TEXT if registration.user_id else CODE_TEXT
    codes.send("register", registration.id, phone=registration.phone, text=text)


def _create(registration: Registration) -> UUID:
    user_id = uuid4()
    account_id = ledger.open_account("wallet", "person", owner=user_id)
    db.session.add(
        User(
            id=user_id,
            account_id=account_id,
            name=registration.name,
            phone=registration.phone,
            password_hash=registration.password_hash,
        )
    )
    db.session.flush()
    return user_id
