"""Demo staff, for development only; safe to run twice."""

from sqlalchemy import select

from batua_db import credentials
from batua_db.database import db, transaction
from batua_db.models.desk import Role, Staff

PASSWORD = "desk-demo-1"  # noqa: S105
STAFF: tuple[tuple[str, str, Role], ...] = (
    ("operator", "Kiran Desai", "operator"),
    ("supervisor", "Latha Menon", "supervisor"),
    ("auditor", "Iqbal Sheikh", "auditor"),
)


def seed() -> None:
    """Make the demo staff who are not there yet. Whether that may be, ``batua_user.demo`` says."""
    for username, name, role in STAFF:
        with transaction():
            if db.session.scalar(select(Staff.id).where(Staff.username == username)) is None:
                hashed = credentials.hash_password(PASSWORD)
                db.session.add(Staff(username=username, name=name, role=role, password_hash=hashed))
