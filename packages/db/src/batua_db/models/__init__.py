"""Tables: ``ledger`` (read only), ``wallet`` and ``bank``, a schema each."""

from . import bank, clients, desk, ledger, outbox, outgoing, payments, people, wallet

__all__ = [
    "bank",
    "clients",
    "desk",
    "ledger",
    "outbox",
    "outgoing",
    "payments",
    "people",
    "wallet",
]
