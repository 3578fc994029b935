"""Tables: ``ledger`` (read only), ``wallet`` and ``bank``, a schema each."""

from . import (
    bank,
    bank_desk,
    clients,
    desk,
    ledger,
    links,
    netbanking,
    outbox,
    outgoing,
    payments,
    people,
    simulator,
    statements,
    wallet,
)

__all__ = [
    "bank",
    "bank_desk",
    "clients",
    "desk",
    "ledger",
    "links",
    "netbanking",
    "outbox",
    "outgoing",
    "payments",
    "people",
    "simulator",
    "statements",
    "wallet",
]
