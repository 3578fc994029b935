"""Batua's own desk: staff look after people, businesses and books, and all they do is on record."""

from .pages import bp

__all__ = ["bp"]
