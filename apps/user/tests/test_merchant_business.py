"""A business: started, changed, looked at by the desk, and its pages."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import func, select, update

from batua_config.redis import connect
from batua_config.settings import Settings
from batua_db import credentials
from batua_db.database import db, transaction
from batua_db.errors import Conflict, NotFound
from batua_db.models.desk import Staff
from batua_db.models.payments import LinkedAccount, Merchant, Payment
from batua_db.models.people import Notice
from batua_db.models.wallet import User
from batua_db.money import Money
from batua_dev.client import FreshClient
from batua_user.cache import EXTENSION, Cache
from batua_user.merchants import demo, takings
from batua_user.merchants.service import decide
from batua_user.merchants.takings import Day

from .helpers import PIN, MakeUser, SignIn
from .shops import open_shop, pay

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
    return open_shop(asha, "Asha’s Tea", category="tea", state="waiting")


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


def mine(user: User) -> Merchant:
    db.session.commit()
    return db.session.scalars(select(Merchant).where(Merchant.user_id == user.id)).one()


def link(user: User, sbb: object) -> UUID:
    account = LinkedAccount(
        id=uuid4(),
        user_id=user.id,
        bank_code="SBB",
        ifsc="SBBB0000001",
        holder=user.name,
        number_sealed=b"sealed",
        number_hash=uuid4().bytes,
        last_digits="4471",
        usable_at=func.now(),
    )
    with transaction():
        db.session.add(account)
    return account.id


START = {"business_name": "Asha’s Tea", "category": "tea"}


class TestStarting:
    def test_it_takes_payments_at_once_and_waits_for_the_desk(
        self, browser: FreshClient, asha: User
    ) -> None:
        answer = browser.submit("/merchant", **START)

        assert (answer.status_code, answer.location) == (303, "/merchant")
        business = mine(asha)
        assert (business.business_name, business.state) == ("Asha’s Tea", "waiting")
        page = browser.get("/merchant").text
        assert 'data-state="waiting"' in page
        assert "Nobody has paid yet" in page

    def test_starting_twice_is_starting_once(self, browser: FreshClient, asha: User) -> None:
        token = browser.get("/merchant").text.split('name="csrf_token" type="hidden" value="')[1]
        form = {"csrf_token": token.split('"')[0], **START}
        assert {browser.post("/merchant", data=form).status_code for _ in range(2)} == {303}

        assert mine(asha)

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ({"business_name": ""}, "as on its sign"),
            ({"business_name": "१२३ ---"}, "as on its sign"),
            ({"business_name": "x" * 65}, "Shorten the name"),
            ({"business_name": "Card 4111 1111 1111 1111"}, "card number"),
            ({"category": ""}, "Choose what your business does"),
            ({"category": "bank"}, "Choose what your business does"),
        ],
    )
    def test_what_cannot_be_is_said_and_kept(
        self, browser: FreshClient, typed: dict[str, str], sentence: str
    ) -> None:
        answer = browser.submit("/merchant", **{**START, **typed})

        assert answer.status_code == 422
        assert sentence in answer.text
        assert db.session.scalar(select(func.count()).select_from(Merchant)) == 0

    def test_a_small_wallet_is_told_what_it_needs(
        self, make_user: MakeUser, signed_in: SignIn
    ) -> None:
        small = make_user(tier="small")
        browser = signed_in(small)

        page = browser.get("/merchant").text
        assert "full KYC" in page
        assert "Business</a>" not in page
        token = browser.get("/settings").text.split('name="csrf_token" type="hidden" value="')[1]
        form = {"csrf_token": token.split('"')[0], **START}
        assert browser.post("/merchant", data=form).status_code == 422
        assert db.session.scalar(select(func.count()).select_from(Merchant)) == 0

    def test_names_are_shown_as_text(self, browser: FreshClient) -> None:
        browser.submit("/merchant", business_name="<b>Tea</b> & more", category="tea")

        for path in ("/merchant", "/merchant/qr", "/merchant/settings", "/merchant/payments"):
            page = browser.get(path).text
            assert "<b>Tea" not in page
            assert "&lt;b&gt;Tea&lt;/b&gt; &amp; more" in page


class TestSettings:
    def test_other_details_are_looked_at_again(
        self, browser: FreshClient, asha: User, business: Merchant, operator: UUID
    ) -> None:
        with transaction():
            decide(business.id, operator, approve=False, reason="Which shop?")
        assert "Which shop?" in browser.get("/merchant").text

        typed = {"business_name": "Asha’s Tea, MG Road", "category": "tea"}
        assert browser.submit("/merchant/settings", **typed).status_code == 303

        assert (mine(asha).state, mine(asha).reason) == ("waiting", "")
        assert mine(asha).business_name == "Asha’s Tea, MG Road"

    def test_an_approved_business_stays_so_with_the_same_details(
        self, browser: FreshClient, asha: User
    ) -> None:
        open_shop(asha, "Asha’s Tea", category="tea")
        browser.submit("/merchant/settings", **START)
        assert mine(asha).state == "approved"

        browser.submit("/merchant/settings", **{**START, "category": "food"})
        assert mine(asha).state == "waiting"

    def test_details_that_wait_stay_as_they_are(
        self, browser: FreshClient, asha: User, business: Merchant
    ) -> None:
        typed = {"business_name": "A Bank", "category": "tea"}
        answer = browser.submit("/merchant/settings", **typed)

        assert answer.status_code == 422
        assert "We are looking at these details" in answer.text
        assert mine(asha).business_name == "Asha’s Tea"

    def test_a_bank_account_is_chosen_and_the_night_with_it(
        self, browser: FreshClient, asha: User, business: Merchant, sbb: object
    ) -> None:
        account = link(asha, sbb)

        assert browser.submit("/merchant/settings", settle_to=str(account)).status_code == 303
        assert (mine(asha).settle_to, mine(asha).settle_nightly) == (account, False)

        both = {"settle_to": str(account), "settle_nightly": "y"}
        browser.submit("/merchant/settings", **both)
        assert mine(asha).settle_nightly

    def test_only_ones_own_account_can_be_chosen(
        self, browser: FreshClient, asha: User, ravi: User, business: Merchant, sbb: object
    ) -> None:
        link(asha, sbb)
        theirs = link(ravi, sbb)

        answer = browser.submit("/merchant/settings", settle_to=str(theirs))

        assert answer.status_code == 422
        assert mine(asha).settle_to is None


@pytest.mark.usefixtures("cache")
class TestTakings:
    def test_the_days_are_those_of_india_without_what_was_given_back(
        self, browser: FreshClient, asha: User, rich: User, ravi: User
    ) -> None:
        shop = open_shop(ravi)
        for amount in ("100", "20.50"):
            pay(browser, shop, amount)

        days = takings.by_day(shop)

        assert [day.amount for day in days] == [Money(0)] * 6 + [Money(120_50)]
        assert (days[-1].payments, days[-1].title) == (2, "Today")

    @pytest.mark.parametrize(
        ("rupees", "most", "written"),
        [
            (0, 100, ""),
            (99, 100, "₹99"),
            (850, 1000, "₹850"),
            (18_426, 20_000, "₹18.4k"),
            (24_310, 25_000, "₹24.3k"),
            (31_000, 50_000, "₹31k"),
            (2_51_000, 5_00_000, "₹2.5L"),
        ],
    )
    def test_bars_stand_below_a_round_number(self, rupees: int, most: int, written: str) -> None:
        first = date(2026, 1, 8)
        amounts = [0, 0, 0, 0, 0, 0, rupees]
        days = [
            Day(first + timedelta(days=n), Money(amount * 100), 1)
            for n, amount in enumerate(amounts)
        ]

        chart = takings.draw(days)

        assert chart.most == Money(most * 100)
        assert chart.bars[-1].height == round(rupees * 160 / most)
        assert chart.bars[-1].value == written
        assert all(20 <= bar.y <= 180 for bar in chart.bars)

    def test_the_chart_is_a_table_too(
        self, browser: FreshClient, rich: User, ravi: User, signed_in: SignIn
    ) -> None:
        pay(browser, open_shop(ravi), "100")

        page = signed_in(ravi).get("/merchant").text

        assert "Today so far ₹100.00" in page
        assert page.count('<th scope="row">') == 7
        assert "One payment" in page

    @pytest.mark.parametrize("redis_is_there", [True, False])
    def test_what_is_given_back_shows_at_once_even_of_a_day_that_is_over(
        self, browser: FreshClient, rich: User, ravi: User, signed_in: SignIn, user_app: Flask,
        settings: Settings, monkeypatch: pytest.MonkeyPatch, redis_is_there: bool,
    ) -> None:  # fmt: skip
        payment, owner = pay(browser, open_shop(ravi), "217.19"), signed_in(ravi)
        with transaction():
            before = func.now() - timedelta(days=2)
            db.session.execute(update(Payment).values(paid_at=before))
        if not redis_is_there:
            gone = settings.model_copy(update={"REDIS_URL": SecretStr("redis://127.0.0.1:9/0")})
            monkeypatch.setitem(user_app.extensions, EXTENSION, Cache(connect(gone)))
        for _ in range(2):
            assert '<td class="num">₹217.19</td>' in owner.get("/merchant").text

        back = owner.submit(f"/merchant/payments/{payment}", amount="17", reason="", pin=PIN)

        assert back.status_code == 303
        for _ in range(2):
            assert '<td class="num">₹200.19</td>' in owner.get("/merchant").text


def test_the_pages_of_a_business_are_its_owners(
    browser: FreshClient, rich: User, ravi: User, make_user: MakeUser, signed_in: SignIn
) -> None:
    shop = open_shop(ravi)
    payment = pay(browser, shop)
    owner, other = signed_in(ravi), signed_in(make_user("Eve"))
    open_shop(make_user("Mallory"), "Mallory’s")

    for path in ("/payments", f"/payments/{payment}", "/settings", "/qr", "/qr.svg", "/settle"):
        assert owner.get(f"/merchant{path}").status_code == 200, path
        assert other.get(f"/merchant{path}").status_code == 404, path
    assert browser.get(f"/merchant/payments/{payment}").status_code == 404
    assert owner.get(f"/merchant/payments?after={payment}").status_code == 200
    assert owner.get(f"/merchant/payments?after={uuid4()}").status_code == 404
    assert owner.get("/merchant/payments?after=x").status_code == 200


def test_the_payments_go_on_page_by_page(
    browser: FreshClient, rich: User, ravi: User, signed_in: SignIn
) -> None:
    from batua_user.merchants import queries

    shop = open_shop(ravi)
    paid = [pay(browser, shop, str(n)) for n in range(1, 6)]

    first = queries.payments(shop, most=2)
    second = queries.payments(shop, after=first.older, most=2)
    third = queries.payments(shop, after=second.older, most=2)

    seen = [each.id for page in (first, second, third) for each in page.payments]
    assert seen == paid[::-1]
    assert third.older is None


def test_the_demo_shops_are_made_once() -> None:
    from batua_user import demo as everybody

    everybody.seed()
    everybody.seed()

    shops = db.session.scalars(select(Merchant)).all()
    assert {shop.business_name for shop in shops} == {name for _, _, name, _ in demo.SHOPS}
    assert {shop.state for shop in shops} == {"approved"}
