"""Whom the desk has frozen: nothing of theirs goes, nor of their business, and refunds land."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from sqlalchemy import select

from batua_db import ledger
from batua_db.database import db
from batua_db.errors import Refused
from batua_db.models.desk import Staff
from batua_db.models.payments import Merchant, Payment
from batua_db.models.wallet import User
from batua_db.money import Money
from batua_ui.filters import INDIA
from batua_user.desk.people import service as desk
from batua_user.merchants import refunds
from batua_user.merchants import service as merchants
from batua_user.payments import service as payments
from batua_user.settlements import nightly
from batua_user.settlements import service as settlements

from .helpers import PIN, Balance, MakeUser, linked_account
from .shops import open_shop, takings

pytestmark = pytest.mark.usefixtures("session", "cache")
WHY = "A stolen phone"


@pytest.fixture
def shop(rich: User, ravi_with_money: User) -> Merchant:
    """Asha's, where Ravi has paid ₹80; it settles every night."""
    shop = open_shop(rich)
    merchants.arrange(rich, settle_to=linked_account(rich, "018100004471"), settle_nightly=True)
    payments.pay(ravi_with_money, ordered(ravi_with_money, shop, 80), pin=PIN, token=None)
    ledger.fold()
    return shop


@pytest.fixture
def ravi_with_money(make_user: MakeUser) -> User:
    return make_user("Ravi Kumar", funds="100")


def ordered(payer: User, shop: Merchant, rupees: int) -> UUID:
    amount = Money(rupees * 100)
    return payments.prepare(payer, shop, amount=amount, note="", key=uuid4(), token=None)


def night() -> datetime:
    """The coming one, when takings go to the bank."""
    tomorrow = datetime.now(UTC).astimezone(INDIA) + timedelta(days=1)
    return tomorrow.replace(hour=1, minute=1, second=0, microsecond=0)


def test_a_frozen_person_pays_no_shop(
    operator: Staff, rich: User, ravi: User, balance: Balance
) -> None:
    shop = open_shop(ravi)
    payment = ordered(rich, shop, 30)
    desk.freeze(operator, rich.id, reason=WHY)

    with pytest.raises(Refused, match="Your wallet is frozen: money can come in, but not go out"):
        payments.pay(rich, payment, pin=PIN, token=None)
    assert (balance(rich), takings(shop)) == (Money(1000_00), Money(0))

    desk.unfreeze(operator, rich.id, reason=WHY)
    payments.pay(rich, payment, pin=PIN, token=None)
    assert takings(shop) == Money(30_00)


def test_their_takings_stay_on_request_and_at_night(
    operator: Staff, rich: User, shop: Merchant
) -> None:
    def asked() -> UUID:
        account, amount = shop.settle_to, Money(20_00)
        assert account
        return settlements.prepare(rich, shop, amount=amount, bank_account=account, key=uuid4())

    before = asked()
    desk.freeze(operator, rich.id, reason=WHY)
    after = asked()

    for each in (before, after):
        with pytest.raises(Refused, match="Your wallet is frozen, and so is what leaves"):
            settlements.pay(rich, each, pin=PIN)
    with time_machine.travel(night(), tick=False):
        assert nightly.settle() == 0
    assert takings(shop) == Money(80_00)

    desk.unfreeze(operator, rich.id, reason=WHY)
    settlements.pay(rich, before, pin=PIN)
    assert takings(shop) == Money(60_00)
    ledger.fold()
    with time_machine.travel(night(), tick=False):
        assert nightly.settle() == 1
    assert takings(shop) == Money(0)


@pytest.mark.parametrize("who", ["payer", "owner"])
def test_what_a_shop_gives_back_lands_whoever_is_frozen(
    operator: Staff, rich: User, ravi_with_money: User, shop: Merchant, balance: Balance, who: str
) -> None:
    paid = db.session.scalars(select(Payment.id).where(Payment.merchant_id == shop.id)).one()
    desk.freeze(operator, (rich if who == "owner" else ravi_with_money).id, reason=WHY)

    refunds.refund(rich, paid, amount=Money(80_00), reason="", key=uuid4(), pin=PIN)

    assert (balance(ravi_with_money), takings(shop)) == (Money(100_00), Money(0))


def test_what_is_paid_to_a_frozen_business_lands(
    operator: Staff, rich: User, ravi_with_money: User, shop: Merchant
) -> None:
    desk.freeze(operator, rich.id, reason=WHY)

    payments.pay(ravi_with_money, ordered(ravi_with_money, shop, 20), pin=PIN, token=None)

    assert takings(shop) == Money(100_00)
