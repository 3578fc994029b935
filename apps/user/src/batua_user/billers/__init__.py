"""Paying bills: mobile, electricity, broadband, water, DTH and FASTag."""

from .views import bp

__all__ = ["bp"]
