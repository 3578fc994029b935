"""The desk by its tables."""

from batua_db.models.desk import Act, Staff, StaffSession
from batua_db.models.wallet import Guess
from batua_db.staff import Desk

DESK = Desk(staff=Staff, session=StaffSession, act=Act, guess=Guess)
