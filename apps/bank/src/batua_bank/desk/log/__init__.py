"""The record of what staff did: to be read, and nothing else."""

from batua_bank.desk.tables import DESK
from batua_ui.desk.log import Log

from . import queries
from .forms import SubjectForm

bp = Log(
    DESK, queries.TITLES, queries.names, finder="desk.customers.find", form=SubjectForm
).blueprint()

__all__ = ["bp"]
