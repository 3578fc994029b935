"""Tables: ``ledger`` (read only), ``wallet`` and ``bank``, a schema each."""

from . import bank, desk, ledger, outgoing, payments, people, wallet

__all__ = ["bank", "desk", "ledger", "outgoing", "payments", "people", "wallet"]
