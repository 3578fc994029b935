"""New devices: in the first day on one, a person can send and withdraw only so much.

It is counted for the person, not for the device: who signs in on five of them has no more
than on one. What they do on devices that are known counts nothing.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func
from sqlalchemy.orm import InstrumentedAttribute

from batua_db.models.people import Device
from batua_db.sessions import hash_token

Id = UUID | InstrumentedAttribute[UUID]
FIRST_DAY = timedelta(hours=24)


def is_new(user_id: Id, token: str) -> ColumnElement[bool]:
    """Whether a person acts from a device that had no first day with them; part of a query.

    Where there is no token there is no device that we know.
    """
    this = (Device.user_id == user_id, Device.token_hash == hash_token(token))
    old = Device.created_at <= func.clock_timestamp() - FIRST_DAY
    return ~exists().where(*this, old)
