"""Demo staff, for development only; safe to run twice."""

from batua_db import staffing

from .tables import DESK

PASSWORD = "desk-demo-1"  # noqa: S105
STAFF = (
    {"username": "operator", "name": "Kiran Desai", "role": "operator"},
    {"username": "supervisor", "name": "Latha Menon", "role": "supervisor"},
    {"username": "auditor", "name": "Iqbal Sheikh", "role": "auditor"},
)


def seed() -> None:
    """Make the demo staff who are not there yet. Whether that may be, ``batua_user.demo`` says."""
    staffing.seed(DESK, PASSWORD, STAFF)
