"""The desk's word on a business: said once, and told to its owner."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from batua_db import credentials, ledger
from batua_db.database import db, transaction
from batua_db.errors import Conflict, NotFound
from batua_db.models.desk import Staff
from batua_db.models.payments import Merchant
from batua_db.models.people import Notice
from batua_db.models.wallet import User
from batua_user.merchants.service import decide

pytestmark = pytest.mark.usefixtures("session")


@pytest.fixture
def operator() -> UUID:
    staff = Staff(
        id=uuid4(),
        username="operator",
        name="An operator",
        password_hash=credentials.hash_password("desk-demo-1"),
        role="operator",
    )
    with transaction():
        db.session.add(staff)
    return staff.id


@pytest.fixture
def business(asha: User) -> Merchant:
    with transaction():
        account = ledger.open_account("wallet", "merchant", owner=asha.id, hot=True)
        merchant = Merchant(
            id=uuid4(),
            user_id=asha.id,
            account_id=account,
            business_name="Asha’s Tea",
            category="tea",
        )
        db.session.add(merchant)
    return merchant


def told(user: User) -> list[tuple[str, str, str]]:
    rows = db.session.execute(
        select(Notice.title, Notice.text, Notice.path).where(Notice.user_id == user.id)
    )
    return [(row.title, row.text, row.path) for row in rows]


@pytest.mark.parametrize(
    ("approve", "state", "title", "text"),
    [
        (True, "approved", "Asha’s Tea is approved", "What you take can go to your bank now."),
        (False, "refused", "Asha’s Tea was not approved", "We could not find the shop."),
    ],
)
def test_a_decision_is_kept_and_told(
    business: Merchant, asha: User, operator: UUID, approve: bool, state: str, title: str, text: str
) -> None:
    with transaction():
        decide(business.id, operator, approve=approve, reason="We could not find the shop.")

    db.session.refresh(business)
    assert (business.state, business.decided_by) == (state, operator)
    assert business.decided_at is not None
    assert business.reason == ("" if approve else text)
    assert told(asha) == [(title, text, "/merchant")]


def test_a_second_decision_is_refused(business: Merchant, asha: User, operator: UUID) -> None:
    with transaction():
        decide(business.id, operator, approve=True, reason="")

    with pytest.raises(Conflict), transaction():
        decide(business.id, operator, approve=False, reason="No.")

    db.session.refresh(business)
    assert business.state == "approved"
    assert len(told(asha)) == 1


def test_what_is_not_there_cannot_be_decided(operator: UUID) -> None:
    with pytest.raises(NotFound), transaction():
        decide(uuid4(), operator, approve=True, reason="")
