"""A business: a person with full KYC starts it, and an operator at the desk decides.

``waiting → approved | refused``, and back to ``waiting`` with other details. It takes payments
unless it was refused; money goes to a bank only while it is approved.
"""

from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, func, select

from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.errors import Conflict, NotFound, Refused
from batua_db.models.payments import LinkedAccount, Merchant
from batua_db.models.wallet import User
from batua_user.notices.service import tell


def start(user: User, *, business_name: str, category: str) -> UUID:
    """Start a person's business; they have one, so that starting again finds it."""
    with transaction():
        db.session.execute(select(User.id).where(User.id == user.id).with_for_update())
        if merchant := _lock(Merchant.user_id == user.id):
            return merchant.id
        if user.tier != "full":
            raise Refused("A small wallet can’t take payments. With full KYC you can.")
        merchant = Merchant(
            id=uuid4(),
            user_id=user.id,
            account_id=ledger.open_account("wallet", "merchant", owner=user.id, hot=True),
            business_name=business_name,
            category=category,
        )
        db.session.add(merchant)
    return merchant.id


def change(user: User, *, business_name: str, category: str) -> None:
    """Give a business other details, or ask again with the same: they wait to be looked at.

    While they wait they stay as they are, so that what is approved is what was seen.
    """
    with transaction():
        merchant = _mine(user)
        if merchant.state == "waiting":
            raise Refused("We are looking at these details. You can change them after that.")
        before = (merchant.business_name, merchant.category)
        if merchant.state == "approved" and before == (business_name, category):
            return
        merchant.business_name, merchant.category = business_name, category
        merchant.state, merchant.reason = "waiting", ""


def arrange(user: User, *, settle_to: UUID | None, settle_nightly: bool) -> None:
    """Say which of the owner's bank accounts gets the takings, and whether every night."""
    with transaction():
        merchant = _mine(user)
        if settle_to is not None:
            _refuse_unlinked(user, settle_to)
        merchant.settle_to, merchant.settle_nightly = settle_to, settle_nightly


def decide(merchant_id: UUID, staff_id: UUID, *, approve: bool, reason: str) -> None:
    """Approve a business, or refuse it with a reason, in the caller's transaction.

    Raises ``Conflict`` where somebody decided it before.
    """
    merchant = _lock(Merchant.id == merchant_id)
    if merchant is None:
        raise NotFound("There is no such business.")
    if merchant.state != "waiting":
        raise Conflict("Somebody has decided this business by now.")
    merchant.decided_by, merchant.decided_at = staff_id, func.clock_timestamp()
    if approve:
        _approve(merchant)
    else:
        _refuse(merchant, reason)


def _lock(which: ColumnElement[bool]) -> Merchant | None:
    """Hold a business until the transaction ends, as it now is; who pays it does not wait."""
    query = select(Merchant).where(which).with_for_update(key_share=True)
    return db.session.scalar(query.execution_options(populate_existing=True))


def _mine(user: User) -> Merchant:
    merchant = _lock(Merchant.user_id == user.id)
    if merchant is None:
        raise NotFound("You have no business here. Start one first.")
    return merchant


def _refuse_unlinked(user: User, account_id: UUID) -> None:
    mine = (LinkedAccount.id == account_id, LinkedAccount.user_id == user.id)
    query = select(LinkedAccount.id).where(*mine, LinkedAccount.removed_at.is_(None))
    if db.session.scalar(query) is None:
        raise Refused("Choose one of your bank accounts.", field="settle_to")


def _approve(merchant: Merchant) -> None:
    merchant.state, merchant.reason = "approved", ""
    tell(
        merchant.user_id,
        "merchant",
        f"{merchant.business_name} is approved",
        "What you take can go to your bank now.",
        path="/merchant",
    )


def _refuse(merchant: Merchant, reason: str) -> None:
    merchant.state, merchant.reason = "refused", reason
    tell(
        merchant.user_id,
        "merchant",
        f"{merchant.business_name} was not approved",
        reason,
        path="/merchant",
    )
