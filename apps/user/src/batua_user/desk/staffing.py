"""Who works at the desk: hired and let go by whoever runs the system, not by the desk itself.

``python -m batua_user.desk.staffing hire kiran.desai operator "Kiran Desai"`` asks for a password.
"""

import argparse
import getpass
import sys
from typing import get_args

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from batua_config.settings import load
from batua_db import credentials, sessions
from batua_db.database import db, transaction
from batua_db.errors import Conflict, DomainError, NotFound, Refused
from batua_db.models.desk import Role, Staff, StaffSession
from batua_ui.secret_fields import SHORTEST_NEW_PASSWORD

from .auth.forms import USERNAME

NOBODYS = "!"  # the hash of no password


def hire(username: str, *, role: Role, name: str, password: str) -> None:
    """Let somebody work at the desk; raises ``Conflict`` where the username is taken."""
    if not USERNAME.fullmatch(username):
        raise Refused("A username is small letters and digits, such as kiran.desai.")
    if len(password) < SHORTEST_NEW_PASSWORD:
        raise Refused(f"Use at least {SHORTEST_NEW_PASSWORD} characters for the password.")
    hashed = credentials.hash_password(password)
    row = insert(Staff).values(username=username, role=role, name=name, password_hash=hashed)
    with transaction():
        if db.session.scalar(row.on_conflict_do_nothing().returning(Staff.id)) is None:
            raise Conflict("Somebody has this username already.")


def let_go(username: str) -> None:
    """Shut somebody out at once, and for good; what they did stays on record."""
    with transaction():
        left = update(Staff).where(Staff.username == username).values(password_hash=NOBODYS)
        staff_id = db.session.scalar(left.returning(Staff.id))
        if staff_id is None:
            raise NotFound("Nobody has this username.")
        sessions.end_others(StaffSession, staff_id)


def main(arguments: list[str] | None = None) -> int:
    """Hire, or let go; answer 1 and say why where that can't be."""
    from batua_user import create_app

    wanted = _parser().parse_args(arguments)
    with create_app(load()).app_context():
        try:
            if wanted.what == "hire":
                secret = getpass.getpass(f"A password for {wanted.username}: ")
                hire(wanted.username, role=wanted.role, name=wanted.name, password=secret)
            else:
                let_go(wanted.username)
        except DomainError as error:
            sys.stderr.write(f"{error}\n")
            return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="staffing", description="Who works at Batua's desk.")
    what = parser.add_subparsers(dest="what", required=True)
    hiring = what.add_parser("hire", help="let somebody in")
    hiring.add_argument("username")
    hiring.add_argument("role", choices=get_args(Role))
    hiring.add_argument("name")
    what.add_parser("let-go", help="shut somebody out").add_argument("username")
    return parser


if __name__ == "__main__":
    sys.exit(main())
