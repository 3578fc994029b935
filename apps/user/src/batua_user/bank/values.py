"""What the bank says, read strictly: of another company's words, nothing is taken on trust."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast
from uuid import UUID

from batua_config.webhooks import Unreadable
from batua_db.money import CURRENCY, Money

NAME = re.compile(r"[\x21-\x7e]{1,100}", re.ASCII)  # an id, a reference, a status
CODE = re.compile(r"[A-Z0-9]{1,16}", re.ASCII)
DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
LARGEST = 10**11  # paise; more than the ledger would move
LARGEST_SUM = 10**15  # paise; more than a balance of the ledger may be
SessionStatus = Literal["open", "succeeded", "declined", "expired"]
PayoutStatus = Literal["pending", "succeeded", "failed"]
PAYOUT_STATUSES: tuple[PayoutStatus, ...] = ("pending", "succeeded", "failed")
STATUSES: tuple[SessionStatus, ...] = ("open", "succeeded", "declined", "expired")


@dataclass(frozen=True, slots=True)
class BankInfo:
    """A bank that money can come from."""

    code: str
    name: str
    ifsc_prefix: str


@dataclass(frozen=True, slots=True)
class PaymentSession:
    """A payment that a customer of the bank is asked to approve."""

    id: str
    status: SessionStatus
    url: str | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that the bank has moved to us."""

    id: str
    reference: str
    amount: Money
    bank: str
    captured_at: datetime | None

    @property
    def topup_id(self) -> UUID | None:
        """The top-up that ``reference`` names, if it is one of ours at all."""
        return read_reference(self.reference)


@dataclass(frozen=True, slots=True)
class Payout:
    """Money that the bank pays out for us. ``failure`` is its name of why it did not."""

    id: str
    reference: str
    amount: Money
    bank: str
    status: PayoutStatus
    failure: str

    @property
    def payout_id(self) -> UUID | None:
        """The payout that ``reference`` names, if it is one of ours at all."""
        return read_reference(self.reference)


@dataclass(frozen=True, slots=True)
class HolderCheck:
    """Whether an account is somebody's; the name is masked, and there only if it is."""

    matches: bool
    holder: str


@dataclass(frozen=True, slots=True)
class Settlement:
    """What our account at a bank has, after the line with that number of its statement."""

    balance: Money
    number: int


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A line of our account at a bank; ``amount`` is above zero if it came in."""

    number: int
    id: str
    reference: str
    kind: str
    amount: Money
    balance: Money
    at: datetime


@dataclass(frozen=True, slots=True)
class Seal:
    """The digest of a block of a book."""

    book: str
    number: int
    digest: bytes

    def as_json(self) -> dict[str, Any]:
        """As the API takes it."""
        return {"book": self.book, "number": self.number, "digest": self.digest.hex()}


def read_bank(data: Any) -> BankInfo:
    """Read an item of the list of banks."""
    fields = as_object(data)
    name = fields.get("name")
    if not isinstance(name, str) or not 1 <= len(name) <= 100 or not name.isprintable():
        raise Unreadable("name")
    return BankInfo(_matching(fields, "code", CODE), name, _matching(fields, "ifsc_prefix", NAME))


def read_session(data: Any) -> PaymentSession:
    """Read a payment session; only the answer to its making has a ``url``."""
    fields = as_object(data)
    status = fields.get("status")
    url = fields.get("url")
    expires_at = time_of(fields, "expires_at")
    if status not in STATUSES or not isinstance(url, str | None) or expires_at is None:
        raise Unreadable("session")
    return PaymentSession(_matching(fields, "id", NAME), status, url, expires_at)


def read_payment(data: Any) -> Payment:
    """Read a captured payment, as the API and the webhook tell it."""
    fields = as_object(data)
    if fields.get("currency") != CURRENCY:
        raise Unreadable("currency")
    return Payment(
        id=_matching(fields, "id", NAME),
        reference=_matching(fields, "reference", NAME),
        amount=_amount(fields),
        bank=_matching(fields, "bank", CODE),
        captured_at=time_of(fields, "captured_at"),
    )


def read_payout(data: Any) -> Payout:
    """Read a payout, as the API and the webhook tell it."""
    fields = as_object(data)
    status, failure = fields.get("status"), fields.get("failure")
    if status not in PAYOUT_STATUSES:
        raise Unreadable("status")
    if fields.get("currency") != CURRENCY:
        raise Unreadable("currency")
    return Payout(
        id=_matching(fields, "id", NAME),
        reference=_matching(fields, "reference", NAME),
        amount=_amount(fields),
        bank=_matching(fields, "bank", CODE),
        status=status,
        failure="" if failure is None else _matching(fields, "failure", NAME),
    )


def read_check(data: Any) -> HolderCheck:
    """Read whether an account is somebody's."""
    fields = as_object(data)
    matches, holder = fields.get("matches"), fields.get("holder_masked")
    if type(matches) is not bool or not isinstance(holder, str | None):
        raise Unreadable("check")
    return HolderCheck(matches, holder or "")


def read_settlement(data: Any) -> Settlement:
    """Read what our account at a bank has."""
    fields = as_object(data)
    return Settlement(Money(whole_of(fields, "balance")), whole_of(fields, "number"))


def read_line(data: Any) -> StatementLine:
    """Read a line of our account at a bank."""
    fields = as_object(data)
    at, reference = time_of(fields, "at"), fields.get("reference")
    if at is None or not isinstance(reference, str) or len(reference) > 100:
        raise Unreadable("line")
    return StatementLine(
        number=whole_of(fields, "number"),
        id=_matching(fields, "id", NAME),
        reference=reference,
        kind=_matching(fields, "kind", NAME),
        amount=Money(whole_of(fields, "amount")),
        balance=Money(whole_of(fields, "balance")),
        at=at,
    )


def read_seal(data: Any) -> Seal:
    """Read a digest of the bank's book."""
    fields = as_object(data)
    number = fields.get("number")
    if type(number) is not int or not 1 <= number < 2**31:
        raise Unreadable("number")
    digest = bytes.fromhex(_matching(fields, "digest", DIGEST))
    return Seal(_matching(fields, "book", NAME), number, digest)


def read_name(data: Any) -> str:
    """Read only what the bank calls a thing."""
    return _matching(as_object(data), "id", NAME)


def read_reference(text: str) -> UUID | None:
    """Read one of our ids, or nothing: a reference that isn't one belongs to nobody here."""
    try:
        return UUID(text)
    except ValueError:
        return None


def as_object(data: Any) -> dict[str, Any]:
    """Take a JSON object, and nothing else."""
    if not isinstance(data, dict):
        raise Unreadable("not an object")
    return cast("dict[str, Any]", data)


def text_of(fields: dict[str, Any], name: str) -> str:
    """Take a short name: an id, a reference."""
    return _matching(fields, name, NAME)


def _matching(fields: dict[str, Any], name: str, shape: re.Pattern[str]) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not shape.fullmatch(value):
        raise Unreadable(name)
    return value


def _amount(fields: dict[str, Any]) -> Money:
    """Whole paise. JSON has one kind of number, so 4522.0 is 4522; ``true`` is no number."""
    value = fields.get("amount")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if type(value) is not int or not 1 <= value <= LARGEST:
        raise Unreadable("amount")
    return Money(value)


def whole_of(fields: dict[str, Any], name: str) -> int:
    """Take a whole number: paise, or the number of a line."""
    value = fields.get(name)
    if type(value) is not int or abs(value) > LARGEST_SUM:
        raise Unreadable(name)
    return value


def time_of(fields: dict[str, Any], name: str) -> datetime | None:
    """Take a time with its zone, or nothing."""
    value = fields.get(name)
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise Unreadable(name) from None
    if at.tzinfo is None or not 2000 <= at.year <= 2999:
        raise Unreadable(name)
    return at
