"""The record of what staff do: to what, and why. Nothing here changes or takes away a line."""

from .tables import DESK

record = DESK.record
look = DESK.look
