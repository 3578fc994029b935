"""Who works at a desk: hired and let go by whoever runs the system, not by the desk itself."""

import argparse
import getpass
import sys
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from . import credentials, sessions
from .credentials import SHORTEST_NEW_PASSWORD, USERNAME
from .database import db, transaction
from .errors import Conflict, DomainError, NotFound, Refused
from .roles import App
from .staff import Desk

NOBODYS = "!"  # the hash of no password


def hire(desk: Desk, username: str, *, password: str, **who: Any) -> None:
    """Let somebody work at ``desk``; raises ``Conflict`` where the username is taken.

    ``who`` is their ``name``, their ``role``, and what else the desk's table keeps of them.
    """
    if not USERNAME.fullmatch(username):
        raise Refused("A username is small letters and digits, such as kiran.desai.")
    if len(password) < SHORTEST_NEW_PASSWORD:
        raise Refused(f"Use at least {SHORTEST_NEW_PASSWORD} characters for the password.")
    hashed = credentials.hash_password(password)
    row = insert(desk.staff).values(username=username, password_hash=hashed, **who)
    with transaction():
        if db.session.scalar(row.on_conflict_do_nothing().returning(desk.staff.id)) is None:
            raise Conflict("Somebody has this username already.")


def let_go(desk: Desk, username: str) -> None:
    """Shut somebody out at once, and for good; what they did stays on record."""
    with transaction():
        left = update(desk.staff).where(desk.staff.username == username)
        staff_id = db.session.scalar(left.values(password_hash=NOBODYS).returning(desk.staff.id))
        if staff_id is None:
            raise NotFound("Nobody has this username.")
        sessions.end_others(desk.session, staff_id)


def seed(desk: Desk, password: str, demo: Sequence[dict[str, Any]]) -> None:
    """Make the demo staff who are not there yet; whether that may be is for the app to say."""
    with transaction():
        there = set(db.session.scalars(select(desk.staff.username)))
    for who in demo:
        if who["username"] in there:
            continue  # before the hash: it is slow on purpose
        with transaction():
            hashed = credentials.hash_password(password)
            db.session.execute(
                insert(desk.staff).values(password_hash=hashed, **who).on_conflict_do_nothing()
            )


def parser(whose: str, roles: Sequence[str]) -> tuple[argparse.ArgumentParser, Any]:
    """The command line of a desk, and the part of it that hires, to be added to."""
    parser = argparse.ArgumentParser(prog="staffing", description=f"Who works at {whose} desk.")
    what = parser.add_subparsers(dest="what", required=True)
    hiring = what.add_parser("hire", help="let somebody in")
    hiring.add_argument("username")
    hiring.add_argument("role", choices=roles)
    hiring.add_argument("name")
    what.add_parser("let-go", help="shut somebody out").add_argument("username")
    return parser, hiring


def run(desk: Desk, create_app: Callable[[], App], wanted: argparse.Namespace) -> int:
    """Hire, or let go, as ``wanted``; answer 1 and say why where that can't be."""
    who = dict(vars(wanted))
    what, username = who.pop("what"), who.pop("username")
    with create_app().app_context():
        try:
            if what == "hire":
                secret = getpass.getpass(f"A password for {username}: ")
                hire(desk, username, password=secret, **who)
            else:
                let_go(desk, username)
        except DomainError as error:
            sys.stderr.write(f"{error}\n")
            return 1
    return 0
