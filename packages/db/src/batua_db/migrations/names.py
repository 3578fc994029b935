"""Which names of a database are ours to compare with the models."""

from typing import Any

SCHEMAS = {"ledger", "wallet", "bank"}


def include_name(name: str | None, kind: str, _parents: Any) -> bool:
    """Compare our own schemas only."""
    return kind != "schema" or name in SCHEMAS
