"""Telling people what happened to their money, in the transaction in which it happens."""

from collections.abc import Collection
from datetime import datetime
from typing import get_args
from uuid import UUID

from sqlalchemy import exists, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from batua_db.database import db, transaction
from batua_db.models.people import Notice, NoticeKind, NoticeSetting
from batua_db.models.wallet import User
from batua_user.messages.service import notify_by_sms

KINDS: tuple[NoticeKind, ...] = get_args(NoticeKind)
ALWAYS: frozenset[NoticeKind] = frozenset({"security", "kyc"})  # can't be switched off


def tell(
    user_id: UUID,
    kind: NoticeKind,
    title: str,
    text: str = "",
    *,
    path: str,
    sms: str | None = None,
) -> None:
    """Tell a person something when the caller commits; ``path`` is the page that says more.

    The notice is left out where they don't want its kind. ``sms`` goes out regardless:
    every debit has one.
    """
    refused = exists().where(
        NoticeSetting.user_id == user_id, NoticeSetting.kind == kind, ~NoticeSetting.wanted
    )
    told = {"user_id": user_id, "kind": kind, "title": title, "text": text, "path": path}
    values = [func.gen_random_uuid(), *map(literal, told.values())]
    wanted = select(*values).where(~refused if kind not in ALWAYS else literal(value=True))
    db.session.execute(insert(Notice).from_select(["id", *told], wanted))
    if sms:
        notify_by_sms(user_id, sms)


def read(user: User, notice_id: UUID) -> str | None:
    """Note that a notice was read; returns its page, or nothing if it is not theirs."""
    with transaction():
        return db.session.scalar(
            update(Notice)
            .where(Notice.id == notice_id, Notice.user_id == user.id)
            .values(read_at=func.coalesce(Notice.read_at, func.clock_timestamp()))
            .returning(Notice.path)
        )


def read_all(user: User, *, until: datetime) -> None:
    """Note that all was read up to what the person had before them."""
    with transaction():
        mine = (Notice.user_id == user.id, Notice.read_at.is_(None), Notice.created_at <= until)
        db.session.execute(update(Notice).where(*mine).values(read_at=func.clock_timestamp()))


def choose(user: User, wanted: Collection[NoticeKind]) -> None:
    """Say which kinds a person wants to be told of, besides those that all are."""
    rows = [
        {"user_id": user.id, "kind": kind, "wanted": kind in wanted}
        for kind in KINDS
        if kind not in ALWAYS
    ]
    statement = upsert(NoticeSetting).values(rows)
    with transaction():
        db.session.execute(
            statement.on_conflict_do_update(
                index_elements=[NoticeSetting.user_id, NoticeSetting.kind],
                set_={"wanted": statement.excluded.wanted},
            )
        )
