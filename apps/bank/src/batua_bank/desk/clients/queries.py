"""What the pages of platforms read."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select

from batua_bank.clients import calls, registry, replay
from batua_bank.clients import endpoints as of_client
from batua_bank.clients import keys as of_keys
from batua_bank.clients.keys import Key
from batua_bank.webhooks.queries import dead_letters
from batua_db import ledger
from batua_db.database import db
from batua_db.models.bank import Bank
from batua_db.models.clients import Client, Endpoint, Platform
from batua_db.models.ledger import Account
from batua_db.models.outbox import Dispatch
from batua_db.money import Money
from batua_ui.desk.queue import Queue


class Line(NamedTuple):
    """A client as the list shows it; ``missed`` counts the deliveries that went wrong."""

    client: Client
    called_at: datetime | None
    missed: int


class Held(NamedTuple):
    """What a client has at a bank."""

    bank: Bank
    balance: Money


def queue() -> Queue:
    """What clients were told in vain, until somebody sends it again."""
    dead = dead_letters()
    tone = "bad" if dead.events else ""
    return Queue(
        "Webhooks given up", "desk.clients.overview", "send", dead.events, dead.since, tone=tone
    )


def lines() -> Sequence[Line]:
    """All clients, those that are closed last."""
    missed = (
        select(Endpoint.client_id, func.count().label("count"))
        .join(Dispatch, Dispatch.endpoint_id == Endpoint.id)
        .where(replay.failed(), Endpoint.disabled_at.is_(None))
        .group_by(Endpoint.client_id)
        .subquery()
    )
    query = (
        select(Client, func.coalesce(missed.c.count, 0))
        .outerjoin(missed, missed.c.client_id == Client.id)
        .order_by(Client.closed_at.is_not(None), Client.created_at, Client.id)
    )
    rows = db.session.execute(query).all()
    return [Line(client, calls.last_at(client.id), count) for client, count in rows]


def keys(client_id: str) -> Sequence[Key]:
    """The keys of a client that are good, and the last that retired."""
    return of_keys.of(client_id)[:8]


def endpoints(client_id: str) -> Sequence[tuple[Endpoint, str]]:
    """The endpoints of a client, each with where it is."""
    return [(each, registry.url_of(each)) for each in of_client.of(client_id)]


def accounts(client_id: str) -> Sequence[Held]:
    """What a client has at each bank, what waits to be booked included."""
    query = (
        select(Bank, Account.id)
        .join(Platform, Platform.bank_code == Bank.code)
        .join(Account, Account.id == Platform.account_id)
        .where(Platform.client_id == client_id)
        .order_by(Bank.code)
    )
    return [Held(bank, ledger.balance(account)) for bank, account in db.session.execute(query)]
