"""How people come in."""

from typing import Any

from sqlalchemy import func, select
from werkzeug.test import TestResponse

from batua_db.database import db
from batua_db.models.wallet import User
from batua_dev.client import FreshClient

from .helpers import PASSWORD

NEW = "+919845012345"


def register(client: FreshClient, phone: str = NEW, name: str = "Lakshmi Iyer") -> TestResponse:
    return client.submit("/register", name=name, phone=phone, password=PASSWORD)


def messages(client: FreshClient, phone: str = NEW) -> list[dict[str, Any]]:
    """What was sent to a number, newest first."""
    found = client.get("/dev/messages", query_string={"to": phone, "format": "json"}).json
    assert found is not None
    return found


def code_for(client: FreshClient, phone: str = NEW) -> str:
    return messages(client, phone)[0]["code"]


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def users(phone: str = NEW) -> int:
    db.session.commit()
    return db.session.scalars(select(func.count()).where(User.phone == phone)).one()


def is_inside(client: FreshClient) -> bool:
    return client.get("/activity").status_code == 200
