"""The record of what staff did: to be read, and nothing else."""

from .views import bp

__all__ = ["bp"]
