"""The bank's own desk: staff look after customers, cash and books, and all they do is on record."""

from .pages import bp

__all__ = ["bp"]
