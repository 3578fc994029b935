"""The record of what staff did: to be read, and nothing else."""

from batua_ui.desk.log import Log
from batua_user.desk.tables import DESK

from . import queries

bp = Log(DESK, queries.TITLES, queries.names, finder="desk.people.find").blueprint()

__all__ = ["bp"]
