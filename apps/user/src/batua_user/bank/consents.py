"""What a customer of the bank allows us, as the bank tells it."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from batua_config.webhooks import Unreadable
from batua_db.money import Money

from .values import as_object, text_of, time_of, whole_of

DIGITS = re.compile(r"[0-9]{4}", re.ASCII)
STATUSES = {"active", "revoked", "expired"}


@dataclass(frozen=True, slots=True)
class Consent:
    """We may take ``cap`` a month from an account; ``left`` of it this month."""

    id: str
    status: str
    bank: str
    account: str  # its last four digits
    cap: Money
    left: Money
    expires_at: datetime


def read_consent(data: Any) -> Consent:
    """Read a consent."""
    fields = as_object(data)
    status, account = fields.get("status"), text_of(fields, "account")
    cap, left = whole_of(fields, "cap"), whole_of(fields, "left")
    expires_at = time_of(fields, "expires_at")
    if status not in STATUSES or not DIGITS.fullmatch(account) or expires_at is None:
        raise Unreadable("consent")
    if cap <= 0 or left < 0:
        raise Unreadable("cap")
    return Consent(
        id=text_of(fields, "id"),
        status=status,
        bank=text_of(fields, "bank"),
        account=account,
        cap=Money(cap),
        left=Money(left),
        expires_at=expires_at,
    )
