"""Payments that a customer authorised: one by one, or once and for all."""

from .views import bp

__all__ = ["bp"]
