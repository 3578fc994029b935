"""Tables: ``ledger`` (read only), ``wallet`` and ``bank``, a schema each."""

from . import bank, ledger, wallet

__all__ = ["bank", "ledger", "wallet"]
