"""Who may call the API, with which secrets, and where they and their customers are reached.

The wallet shares its secrets and addresses with us by settings; all others have them in rows.
"""

from collections.abc import Sequence
from typing import Literal
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import func, select

from batua_config.current import settings
from batua_db import ledger
from batua_db.database import db
from batua_db.errors import Refused
from batua_db.fields import reveal
from batua_db.models.bank import Bank
from batua_db.models.clients import Client, ClientSecret, Endpoint, Platform

WALLET = "wallet"


class UnknownBank(Refused):
    """No bank of ours has this code."""

    code = "unknown_bank"

    def __init__(self) -> None:
        super().__init__("No bank has this code; GET /api/v1/banks lists them.", field="bank")


def secrets_of(client_id: str) -> Sequence[str]:
    """What a client's calls may be signed with, and its webhooks are: newest first.

    Nothing, where there is no such client, or none any more.
    """
    if client_id == WALLET:
        return settings.secrets
    now = func.clock_timestamp()
    valid = (
        select(ClientSecret.sealed)
        .join(Client, Client.id == ClientSecret.client_id)
        .where(Client.id == client_id, Client.closed_at.is_(None))
        .where(func.coalesce(ClientSecret.retires_at > now, True))
        .order_by(ClientSecret.created_at.desc())
    )
    return [reveal(sealed) for sealed in db.session.scalars(valid)]


def origins_of(client: Client) -> Sequence[str]:
    """Where customers of the client's may be sent back to."""
    return [settings.public_url("user")] if client.id == WALLET else client.origins


def client_at(address: str) -> Client | None:
    """The client whose own pages an address is of; the wallet's are in the settings."""
    parts = urlsplit(address)
    origin = f"{parts.scheme}://{parts.netloc}"
    if origin == settings.public_url("user"):
        return db.session.get(Client, WALLET)
    return db.session.scalar(
        select(Client).where(Client.origins.any_() == origin, Client.closed_at.is_(None)).limit(1)
    )


def url_of(endpoint: Endpoint) -> str:
    """Where an endpoint is."""
    return endpoint.url or f"{settings.internal_url('user')}/webhooks/bank"


def reach_of(endpoint: Endpoint) -> Literal["public", "loopback", "anywhere"]:
    """How far we go to reach an endpoint; only the settings may lead inside."""
    if endpoint.url is None:
        return "anywhere"
    return "public" if settings.production else "loopback"


def platform_account(client_id: str, bank_code: str) -> UUID:
    """The client's own account at a bank; raises ``UnknownBank`` where there is no such bank."""
    own = (Platform.client_id == client_id, Platform.bank_code == bank_code)
    account = db.session.scalar(select(Platform.account_id).where(*own))
    if account is None:
        raise UnknownBank
    return account


def open_platforms() -> None:
    """Give every client its account at every bank, where it has none yet. The caller commits."""
    missing = (
        select(Client.id, Bank.code)
        .join(Bank, Bank.code.is_not(None))
        .outerjoin(Platform, (Platform.client_id == Client.id) & (Platform.bank_code == Bank.code))
        .where(Platform.client_id.is_(None))
        .order_by(Client.id, Bank.code)
    )
    for client_id, code in db.session.execute(missing).all():
        account = ledger.open_account("bank", "platform", hot=True)
        db.session.add(Platform(client_id=client_id, bank_code=code, account_id=account))
    db.session.flush()
