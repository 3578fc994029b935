"""Demo staff, for development only; safe to run twice."""

from batua_bank.clients.registry import WALLET
from batua_db import staffing

from .tables import DESK

PASSWORD = "desk-demo-1"  # noqa: S105
STAFF = (
    {"username": "operator", "name": "Nandini Iyer", "role": "operator"},
    {"username": "supervisor", "name": "Farhan Ali", "role": "supervisor"},
    {"username": "auditor", "name": "Leela Thomas", "role": "auditor"},
    {"username": "developer", "name": "Dev Malhotra", "role": "developer", "client_id": WALLET},
)


def seed() -> None:
    """Make the demo staff who are not there yet. Whether that may be, ``batua_bank.demo`` says."""
    staffing.seed(DESK, PASSWORD, STAFF)
