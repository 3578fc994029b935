"""Links that a QR carries: to a business, or to one order of it with its amount, signed."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer

from batua_config.current import settings
from batua_db.errors import DomainError, Gone, Refused
from batua_db.money import Money

SALT = "batua.payment-request"
NOT_OURS = "This payment link is not whole, so we do not use it. Scan the QR again."


@dataclass(frozen=True, slots=True)
class Asked:
    """What a business asks for: one amount, for one order, until a time."""

    merchant_id: UUID
    amount: Money
    order_no: str
    expires_at: datetime

    @property
    def expired(self) -> bool:
        """Whether its time is over."""
        return self.expires_at <= datetime.now(UTC)


class Expired(Gone):
    """The link was real, and its time is over."""


def sign(merchant_id: UUID, *, amount: Money, order_no: str, lasts: timedelta) -> str:
    """Put into a token what is asked for, so that nobody can change it."""
    ends = int((datetime.now(UTC) + lasts).timestamp())
    return _signer().dumps([merchant_id.hex, amount.paise, order_no, ends])


def read(token: str, *, also_expired: bool = False) -> Asked:
    """What a token asks for. Raises ``Refused`` if it was changed, ``Expired`` after its time."""
    try:
        merchant, paise, order_no, ends = _signer().loads(token)
    except BadData:
        raise Refused(NOT_OURS) from None
    asked = Asked(UUID(merchant), Money(paise), order_no, datetime.fromtimestamp(ends, UTC))
    if asked.expired and not also_expired:
        raise Expired("This payment link has expired. Ask the shop for a new one.")
    return asked


def refusal(token: str, terms: tuple[UUID, Money, str | None]) -> DomainError | None:
    """Why a token does not stand for business, amount and order; ``None`` if it does."""
    try:
        asked = read(token)
    except DomainError as error:
        return error
    same = terms == (asked.merchant_id, asked.amount, asked.order_no)
    return None if same else Refused(NOT_OURS)


def address(merchant_id: UUID, token: str | None = None) -> str:
    """Where a QR leads."""
    page = f"{settings.public_url('user')}/pay/{merchant_id}"
    return f"{page}?request={token}" if token else page


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(settings.secret_key, salt=SALT)
