"""The pages of bills: what may be typed, who may look, what is shown."""

import pytest
from sqlalchemy import func, select

from batua_config.settings import Settings
from batua_db.database import db, transaction
from batua_db.models.payments import Biller, BillPayment
from batua_dev.client import FreshClient
from batua_user.billers import demo, network
from batua_user.billers.catalogue import CATEGORIES, LISTINGS
from batua_user.billers.values import BillerSilent

from .bill_books import LOST, NUMBER, REFUSED, booked, order
from .helpers import PIN, MakeUser, SignIn, token_of

RIGHT = {
    "TARANG": "98450 12345",
    "VANI": "6000000000",
    "DECCAN": "2047 1188 03",
    "MALABAR": "1156 7788 9901 2",
    "JYOTI": "j104 233 519",
    "DHARA": "SE-1042335",
    "AKASH": "1011223344",
    "RAJPATH": "ka 01 mj 4321",
}
HOSTILE = {
    "empty": "",
    "spaces": "   ",
    "Devanagari digits": "९८४५०१२३४५",
    "full-width digits": "９８４５０１２３４５",
    "a line end": "9845012345\n9845012345",
    "ten thousand digits": "9" * 10_000,
    "markup": "<script>alert(1)</script>",
    "a quote": "' OR 1=1 --",
    "a letter that grows": "ßßßßß",
    "right to left": "\u202e9845012345",
    "a sign": "+9845012345",
    "one too many": "98450123456",
}


@pytest.fixture(autouse=True)
def billers(database: None) -> None:
    demo.seed()


def payments() -> int:
    db.session.commit()
    return db.session.scalars(select(func.count()).select_from(BillPayment)).one()


@pytest.mark.usefixtures("session", "rich")
class TestReferences:
    @pytest.mark.parametrize("typed", HOSTILE.values(), ids=HOSTILE)
    @pytest.mark.parametrize("code", ["TARANG", "DECCAN", "DHARA", "RAJPATH"])
    def test_what_is_no_number_is_refused_with_what_to_do(
        self, browser: FreshClient, code: str, typed: str
    ) -> None:
        form = {"csrf_token": token_of(browser.get(f"/pay/{code}")), "reference": typed}

        answer = browser.post(f"/pay/{code}", data={**form, "amount": "199", "note": ""})

        assert answer.status_code == 422
        assert payments() == 0
        assert LISTINGS[code].kind.wrong in answer.text

    def test_a_zero_byte_is_no_part_of_a_number(self, browser: FreshClient) -> None:
        form = {"csrf_token": token_of(browser.get("/pay/TARANG")), "reference": "98450\x0012345"}

        assert browser.post("/pay/TARANG", data={**form, "amount": "199"}).status_code == 400
        assert payments() == 0
        for listing in LISTINGS.values():
            with pytest.raises(ValueError, match=listing.kind.wrong[:10]):
                listing.kind.read("98450\x0012345")

    @pytest.mark.parametrize("code", LISTINGS)
    def test_a_number_may_be_typed_as_it_is_printed(self, code: str) -> None:
        kind = LISTINGS[code].kind

        read = kind.read(f" {RIGHT[code]} ")

        assert read == RIGHT[code].replace(" ", "").replace("-", "").upper()
        assert kind.read(read) == read

    def test_each_biller_says_what_its_number_looks_like(self, browser: FreshClient) -> None:
        for listing in LISTINGS.values():
            page = browser.get(f"/pay/{listing.code}").text
            assert listing.name in page
            assert listing.kind.label in page
            assert ("How much?" in page) is not listing.kind.fetched

    def test_there_is_one_of_each_category(self) -> None:
        assert {listing.category for listing in LISTINGS.values()} == set(CATEGORIES)


@pytest.mark.usefixtures("session", "rich")
class TestLanding:
    def test_a_category_leads_to_its_billers(self, browser: FreshClient) -> None:
        page = browser.get("/pay").text
        for category in CATEGORIES:
            assert f"/pay?category={category.id}#who" in page

        chosen = browser.get("/pay?category=electricity").text

        assert "/pay/DECCAN" in chosen
        assert "/pay/MALABAR" in chosen
        assert "/pay/TARANG" not in chosen
        assert browser.get("/pay?category=nothing").status_code == 200

    def test_what_was_paid_is_listed_and_can_be_paid_again(self, browser: FreshClient) -> None:
        for reference in (NUMBER, REFUSED, LOST):
            browser.submit(order(browser, reference), pin=PIN)
        order(browser, "9845012399")

        page = browser.get("/pay").text

        for shown in (NUMBER, REFUSED, LOST, "Waiting", "Refunded"):
            assert shown in page
        assert "9845012399" not in page

    def test_paying_again_brings_the_number(
        self, browser: FreshClient, signed_in: SignIn, make_user: MakeUser
    ) -> None:
        payment = order(browser).rpartition("/")[2]
        other = signed_in(make_user())

        assert NUMBER in browser.get(f"/pay/TARANG?again={payment}").text
        assert NUMBER not in browser.get(f"/pay/VANI?again={payment}").text
        assert NUMBER not in other.get(f"/pay/TARANG?again={payment}").text
        assert browser.get("/pay/TARANG?again=%00").status_code in {200, 400}

    def test_without_billers_it_says_so(self, browser: FreshClient) -> None:
        with transaction():
            for biller in db.session.scalars(select(Biller)):
                db.session.delete(biller)

        assert "No bills can be paid" in browser.get("/pay").text
        assert browser.get("/pay/TARANG").status_code == 404


@pytest.mark.usefixtures("session", "rich")
class TestAnothers:
    def test_a_payment_is_nobody_elses(
        self, browser: FreshClient, signed_in: SignIn, make_user: MakeUser
    ) -> None:
        prepared = order(browser)
        paid = order(browser, LOST)
        browser.submit(paid, pin=PIN)
        thief = signed_in(make_user(funds="1000"))
        form = {"csrf_token": token_of(thief.get("/settings")), "pin": PIN}

        for where in (prepared, paid):
            assert thief.get(where).status_code == 404
            assert thief.post(where, data=form).status_code == 404
        assert len(booked()) == 1

    def test_a_payment_is_at_its_biller_only(self, browser: FreshClient) -> None:
        where = order(browser)

        assert browser.get(where.replace("TARANG", "VANI")).status_code == 404

    @pytest.mark.parametrize("code", ["tarang", "NOBODY", "x", "%00", "TARANG%20", "🦊"])
    def test_an_unknown_biller_is_not_there(self, browser: FreshClient, code: str) -> None:
        assert browser.get(f"/pay/{code}").status_code in ({400, 404} if "%00" in code else {404})

    def test_bills_of_strangers_are_looked_up_only_so_often(self, browser: FreshClient) -> None:
        last = [
            browser.submit("/pay/DECCAN", reference=f"20471{n:02}004").status_code
            for n in range(32)
        ]

        assert last == [422] * 30 + [429] * 2


@pytest.mark.usefixtures("session", "rich")
class TestDevelopment:
    def test_the_endings_that_misbehave_are_on_the_page(self, browser: FreshClient) -> None:
        recharge, electricity = (browser.get(f"/pay/{code}").text for code in ("TARANG", "DECCAN"))

        assert "… 002" in recharge
        assert "… 005" not in recharge
        assert "… 005" in electricity

    def test_production_has_no_stand_in(
        self, browser: FreshClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        in_production = settings.model_copy(update={"APP_ENV": "production"})
        monkeypatch.setattr(network, "settings", in_production)
        monkeypatch.setattr("batua_user.billers.views.settings", in_production)

        with pytest.raises(BillerSilent):
            network.reach("TARANG")
        assert "… 002" not in browser.get("/pay/TARANG").text
        assert browser.submit("/pay/TARANG", reference=NUMBER, amount="20").status_code == 503
        assert payments() == 0
