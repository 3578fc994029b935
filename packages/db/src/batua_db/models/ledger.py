"""The ledger's tables, to read. They are written by the functions behind ``batua_db.ledger``.

An account that is loaded keeps the balance it had then: after a move, what counts is the
``Moved`` it returned, or ``ledger.balance``.
"""

from datetime import datetime
from typing import Any, Literal, cast
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    DateTime,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import DOMAIN, JSONB
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.operators import OperatorClass
from sqlalchemy.types import UserDefinedType

from batua_db.database import Base
from batua_db.money import Money, MoneyColumn

Book = Literal["wallet", "bank"]
Status = Literal["open", "frozen", "closed"]

TIMES = DateTime(timezone=True)


class TextDomain(DOMAIN):
    """A domain over text, compared as text."""

    operator_classes = OperatorClass.STRING


BOOK, CURRENCY, KIND, STATUS = (
    TextDomain(name, Text(), schema="ledger", create_type=False)
    for name in ("book", "currency", "kind", "status")
)


class Xid8(UserDefinedType[str]):
    """A transaction's number in PostgreSQL, which never wraps around."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """Name the type."""
        return "xid8"


# So that whoever compares the models with the database knows it too.
cast("dict[str, Any]", vars(PGDialect)["ischema_names"])["xid8"] = Xid8


class Account(Base):
    """A place where money is. Its balance is the sum of its entries."""

    __tablename__ = "account"
    __table_args__ = (Index(None, "owner", "kind"), {"schema": "ledger"})

    id: Mapped[UUID] = mapped_column(primary_key=True)
    book: Mapped[Book] = mapped_column(BOOK)
    kind: Mapped[str] = mapped_column(KIND)
    owner: Mapped[UUID | None]
    currency: Mapped[str] = mapped_column(CURRENCY)
    balance: Mapped[Money] = mapped_column(MoneyColumn)  # without what waits on a hot account
    floor: Mapped[Money | None] = mapped_column(MoneyColumn)
    version: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[Status] = mapped_column(STATUS)
    hot: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(TIMES)


class Transfer(Base):
    """Money moved from one account to another, once per key."""

    __tablename__ = "transfer"
    __table_args__ = (
        UniqueConstraint("book", "key"),
        Index(None, "reverses", postgresql_where=text("reverses IS NOT NULL")),
        {"schema": "ledger"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    book: Mapped[Book] = mapped_column(BOOK)
    kind: Mapped[str] = mapped_column(KIND)
    debit_account: Mapped[UUID]
    credit_account: Mapped[UUID]
    amount: Mapped[Money] = mapped_column(MoneyColumn)
    key: Mapped[str] = mapped_column(Text)
    reverses: Mapped[UUID | None]
    note: Mapped[str] = mapped_column(Text)
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(TIMES)
    happened_at: Mapped[datetime] = mapped_column(TIMES)


class Entry(Base):
    """One leg of a transfer, in the order of its account: a line of the passbook."""

    __tablename__ = "entry"
    __table_args__ = (
        UniqueConstraint("transfer_id", "account_id"),
        Index(None, "book", "xact"),
        {"schema": "ledger"},
    )

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    transfer_id: Mapped[UUID]
    amount: Mapped[Money] = mapped_column(MoneyColumn)  # signed: money in is above zero
    balance: Mapped[Money] = mapped_column(MoneyColumn)  # after it
    created_at: Mapped[datetime] = mapped_column(TIMES)
    book: Mapped[Book] = mapped_column(BOOK)
    xact: Mapped[str] = mapped_column(Xid8)


class Pending(Base):
    """A leg of a transfer that waits on a hot account to be folded into an entry."""

    __tablename__ = "pending"
    __table_args__ = ({"schema": "ledger"},)

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    transfer_id: Mapped[UUID] = mapped_column(primary_key=True)
    amount: Mapped[Money] = mapped_column(MoneyColumn)


class Block(Base):
    """A seal: the digest of entries, chained to the block before it in the same book."""

    __tablename__ = "block"
    __table_args__ = (
        PrimaryKeyConstraint("book", "number"),
        UniqueConstraint("book", "previous"),
        {"schema": "ledger"},
    )

    book: Mapped[Book] = mapped_column(BOOK)
    number: Mapped[int] = mapped_column(BigInteger)
    since: Mapped[str] = mapped_column(Xid8)
    upto: Mapped[str] = mapped_column(Xid8)
    entries: Mapped[int]
    marks: Mapped[bytes] = mapped_column(LargeBinary)
    previous: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_at: Mapped[datetime] = mapped_column(TIMES)
