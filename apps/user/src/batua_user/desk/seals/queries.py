"""The chain that seals our book: its last blocks, what no seal covers yet, and the copies."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select

from batua_db import audit
from batua_db.audit_report import Lag
from batua_db.database import db
from batua_db.models.ledger import Block
from batua_db.models.wallet import Witness
from batua_user.seals import OURS, THEIRS

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Link:
    """A block, and whether the digest that the bank confirmed is this one; ``None``: none yet."""

    block: Block
    agrees: bool | None


@dataclass(frozen=True, slots=True)
class Chain:
    """The end of the chain. ``theirs`` is the last of the bank's blocks whose digest we keep."""

    links: Sequence[Link]
    lags: Sequence[Lag]
    differ: int
    theirs: int
    theirs_at: datetime | None


def chain() -> Chain:
    """The last blocks, the newest first."""
    kept = and_(Witness.book == Block.book, Witness.number == Block.number)
    rows = db.session.execute(
        select(Block, Witness.digest)
        .outerjoin(Witness, kept)
        .where(Block.book == OURS)
        .order_by(Block.number.desc())
        .limit(SHOWN)
    )
    links = [Link(block, None if copy is None else copy == block.digest) for block, copy in rows]
    differ = select(func.count()).select_from(Witness).outerjoin(Block, kept)
    ours = Witness.book == OURS, Block.digest.is_distinct_from(Witness.digest)
    copied = db.session.scalar(select(func.max(Witness.number)).where(Witness.book == OURS)) or 0
    last = select(Witness.number, Witness.received_at).where(Witness.book == THEIRS)
    theirs = db.session.execute(last.order_by(Witness.number.desc()).limit(1)).one_or_none()
    return Chain(
        links,
        audit.lags(db.session.connection(), OURS, copied),
        differ=db.session.scalar(differ.where(*ours)) or 0,
        theirs=theirs.number if theirs else 0,
        theirs_at=theirs.received_at if theirs else None,
    )
