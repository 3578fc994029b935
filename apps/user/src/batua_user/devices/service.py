"""Knowing a person's devices, and telling them of each new one."""

from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from batua_db.database import db
from batua_db.models.people import Device
from batua_db.sessions import hash_token
from batua_ui.browsers import name_of
from batua_user.notices.service import tell


def meet(user_id: UUID, token: str) -> bool:
    """Know a device from now on; says whether it is new to this person. The caller commits."""
    row = insert(Device).values(user_id=user_id, token_hash=hash_token(token))
    met = row.on_conflict_do_nothing().returning(Device.created_at)
    return db.session.scalar(met) is not None


def tell_of_new(user_id: UUID, agent: str) -> None:
    """Let a person know that somebody, they we hope, signed in on a device we don't know."""
    name = name_of(agent)
    todo = "Not you? Sign out all others, and choose a new PIN."
    tell(
        user_id,
        "security",
        "Signed in on a new device",
        f"{name}. For a day it can send and withdraw less. {todo}",
        path="/settings",
        sms=f"Your Batua wallet was signed in to on a new device: {name}. {todo}",
    )


def forget_others(user_id: UUID, *, keep: str) -> None:
    """Let every device of a person but one be new when it comes back. The caller commits."""
    others = Device.token_hash != hash_token(keep)
    db.session.execute(delete(Device).where(Device.user_id == user_id, others))
