"""The desk by its tables."""

from batua_db.models.bank import Guess
from batua_db.models.bank_desk import Act, Staff, StaffSession
from batua_db.staff import Desk

DESK = Desk(staff=Staff, session=StaffSession, act=Act, guess=Guess, as_subject=str)
