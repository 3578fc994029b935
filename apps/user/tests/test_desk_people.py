"""Finding people at the desk, and stopping their money."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from batua_db import ledger
from batua_db import staff as recording
from batua_db.database import db, transaction
from batua_db.errors import Conflict, Refused
from batua_db.ledger import AccountFrozen
from batua_db.models.desk import Staff
from batua_db.models.ledger import Account
from batua_db.models.payments import LinkedAccount, Merchant
from batua_db.models.people import Notice
from batua_db.models.wallet import Bank, Message, User
from batua_db.money import Money
from batua_dev.client import FreshClient
from batua_user.billers import demo as billers
from batua_user.desk.people import service

from .bill_books import order
from .conftest import give
from .desk import AtDesk, acts, sent, start_business
from .helpers import PIN, Balance, MakeUser, SignIn, prepare

pytestmark = pytest.mark.usefixtures("session")


@pytest.fixture
def desk(at_desk: AtDesk, operator: Staff) -> FreshClient:
    """An operator's browser."""
    return at_desk(operator)


def find(desk: FreshClient, text: str) -> str:
    answer = desk.get("/desk/people", query_string={"q": text})
    assert answer.status_code == 200
    return answer.text


class TestFinding:
    def test_by_phone_its_end_or_a_part_of_the_name(
        self, desk: FreshClient, rich: User, ravi: User
    ) -> None:
        for text in (rich.phone, rich.phone.removeprefix("+91"), rich.phone[-4:], "sha ra"):
            page = find(desk, text)
            assert f"/desk/people/{rich.id}" in page, text
            assert f"/desk/people/{ravi.id}" not in page, text

    def test_a_list_shows_no_number(self, desk: FreshClient, rich: User) -> None:
        page = find(desk, "Asha")

        assert rich.phone[-4:] in page
        assert rich.phone.removeprefix("+91")[:5] not in page

    @pytest.mark.parametrize("text", ["%%", "__", "Zebedee", "+91 98450 99999", "' OR 1=1"])
    def test_what_nobody_is_called_finds_nobody(
        self, desk: FreshClient, rich: User, text: str
    ) -> None:
        assert "Nobody found" in find(desk, text)

    def test_one_letter_is_too_little(self, desk: FreshClient) -> None:
        assert desk.get("/desk/people?q=a").status_code == 422
        assert "Whom do you look for?" in find(desk, "")

    def test_a_reference_leads_to_what_it_names(
        self, desk: FreshClient, rich: User, ravi: User
    ) -> None:
        transfer, business = sent(rich, ravi, "10"), start_business(ravi)

        for reference, path in {
            ravi.id: f"/desk/people/{ravi.id}",
            transfer: f"/desk/operations/{transfer}",
            business: f"/desk/merchants/{business}",
        }.items():
            answer = desk.get("/desk/people", query_string={"q": str(reference)})
            assert answer.location == path
        assert "Nobody found" in find(desk, str(uuid4()))


class TestLooking:
    def test_the_page_says_how_they_stand(
        self, desk: FreshClient, rich: User, ravi: User, signed_in: SignIn
    ) -> None:
        signed_in(rich)
        sent(rich, ravi, "120.50")

        page = desk.get(f"/desk/people/{rich.id}").text

        assert 'data-balance="87950"' in page
        for words in ("Asha Rao", "Full KYC", "1 device", "−₹120.50", "₹879.50", "Never asked"):
            assert words in page
        assert rich.phone not in page.replace(" ", "")

    def test_a_look_is_on_record_once_an_hour_for_each_who_looks(
        self, desk: FreshClient, at_desk: AtDesk, auditor: Staff, rich: User, operator: Staff,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        for _ in range(3):
            desk.get(f"/desk/people/{rich.id}")
        at_desk(auditor).get(f"/desk/people/{rich.id}")

        assert [(act.what, act.staff_id) for act in acts(rich.id)] == [
            ("look", operator.id), ("look", auditor.id),
        ]  # fmt: skip
        monkeypatch.setattr(recording, "A_LOOK", timedelta(0))  # an hour later
        desk.get(f"/desk/people/{rich.id}")
        assert len(acts(rich.id)) == 3

    def test_the_whole_number_needs_a_reason_and_goes_on_record(
        self, desk: FreshClient, rich: User
    ) -> None:
        path, shown = f"/desk/people/{rich.id}", rich.phone.removeprefix("+91")
        refused = desk.submit(path, reason=" ")
        assert refused.status_code == 422
        assert shown not in refused.text.replace(" ", "")

        answer = desk.submit(path, reason="They asked to be called back")

        assert shown in answer.text.replace(" ", "")
        assert shown not in desk.get(path).text.replace(" ", "")
        last = acts(rich.id)[-1]
        assert (last.what, last.reason) == ("reveal_phone", "They asked to be called back")
        assert shown not in str(last.details)

    def test_history_goes_on_by_pages(self, desk: FreshClient, rich: User, sbb: Bank) -> None:
        for _ in range(12):
            give(rich, "1", sbb.float_account)

        first = desk.get(f"/desk/people/{rich.id}").text
        assert f"/desk/people/{rich.id}?after=4" in first
        second = desk.get(f"/desk/people/{rich.id}?after=4").text
        assert "₹1,000.00" in second
        assert "₹1,012.00" not in second.partition("Activity")[2]


def status_of(user: User) -> str:
    db.session.commit()
    return db.session.scalars(select(Account.status).where(Account.id == user.account_id)).one()


class TestFreezing:
    def test_it_is_done_with_a_reason_and_told(
        self, desk: FreshClient, operator: Staff, rich: User
    ) -> None:
        path = f"/desk/people/{rich.id}/freeze"
        assert desk.submit(path, reason="").status_code == 422
        assert status_of(rich) == "open"

        assert desk.submit(path, reason="A stolen phone").status_code == 303

        assert status_of(rich) == "frozen"
        assert [(act.what, act.reason) for act in acts(rich.id)] == [("freeze", "A stolen phone")]
        told = db.session.scalars(select(Notice.title).where(Notice.user_id == rich.id)).all()
        assert told == ["Your wallet is frozen"]
        sms = db.session.scalars(select(Message.text).where(Message.to == rich.phone)).all()
        assert [text for text in sms if "frozen" in text]
        assert not [text for text in sms if "stolen" in text]
        assert "Frozen" in desk.get(f"/desk/people/{rich.id}").text

    def test_a_second_time_says_so(self, desk: FreshClient, operator: Staff, rich: User) -> None:
        service.freeze(operator, rich.id, reason="A stolen phone")

        answer = desk.submit(f"/desk/people/{rich.id}/freeze", reason="A stolen phone")

        assert answer.status_code == 409
        assert "frozen by now" in answer.text
        assert len(acts(rich.id)) == 1

    def test_it_ends_as_it_began(
        self, desk: FreshClient, operator: Staff, rich: User, ravi: User, balance: Balance
    ) -> None:
        service.freeze(operator, rich.id, reason="A stolen phone")
        with pytest.raises(Refused, match="frozen"):
            sent(rich, ravi, "10")

        answer = desk.submit(f"/desk/people/{rich.id}/unfreeze", reason="The phone was found")

        assert answer.status_code == 303
        sent(rich, ravi, "10")
        assert balance(ravi) == Money(10_00)
        with pytest.raises(Conflict):
            service.unfreeze(operator, rich.id, reason="The phone was found")

    def test_a_frozen_person_hears_why_nothing_goes(
        self, operator: Staff, rich: User, ravi: User, signed_in: SignIn, balance: Balance
    ) -> None:
        browser = signed_in(rich)
        order = prepare(browser, ravi)
        service.freeze(operator, rich.id, reason="A stolen phone")

        answer = browser.submit(order, pin="246810")

        assert answer.status_code == 422
        assert "Your wallet is frozen" in answer.text
        assert (balance(rich), balance(ravi)) == (Money(1000_00), Money(0))

    def test_bills_and_withdrawals_are_stopped_too(
        self, operator: Staff, rich: User, signed_in: SignIn, balance: Balance
    ) -> None:
        billers.seed()
        browser, account = signed_in(rich), uuid4()
        with transaction():
            db.session.add(
                LinkedAccount(
                    id=account, user_id=rich.id, bank_code="SBB", ifsc="SBBB0000042",
                    holder=rich.name, number_sealed=b"x", number_hash=b"x", last_digits="4471",
                    usable_at=func.now(),
                )
            )  # fmt: skip
        orders = [
            order(browser),
            browser.submit("/withdraw", amount="50", bank_account=str(account)).location,
        ]
        service.freeze(operator, rich.id, reason="A stolen phone")

        for each in orders:
            answer = browser.submit(each, pin=PIN)
            assert answer.status_code == 422, each
            assert "Your wallet is frozen" in answer.text
        assert balance(rich) == Money(1000_00)

    def test_what_comes_lands(
        self, operator: Staff, rich: User, make_user: MakeUser, balance: Balance, sbb: Bank
    ) -> None:
        friend = make_user("Farah Khan", funds="100")
        service.freeze(operator, rich.id, reason="A stolen phone")

        sent(friend, rich, "40")
        give(rich, "5", sbb.float_account)

        assert balance(rich) == Money(1045_00)

    def test_what_they_got_by_mistake_goes_back_all_the_same(
        self, operator: Staff, rich: User, ravi: User, balance: Balance
    ) -> None:
        transfer = sent(rich, ravi, "100")
        service.freeze(operator, ravi.id, reason="A stolen phone")

        with transaction():
            ledger.move(
                Money(100_00), debit=ravi.account_id, credit=rich.account_id, kind="correction",
                key="correction:test", reverses=transfer,
            )  # fmt: skip

        assert (balance(rich), balance(ravi)) == (Money(1000_00), Money(0))

    def test_their_business_is_frozen_with_them(
        self, operator: Staff, rich: User, ravi: User, sbb: Bank
    ) -> None:
        merchant = db.session.get_one(Merchant, start_business(rich)).account_id
        with transaction():
            ledger.move(
                Money(50_00), debit=sbb.float_account, credit=merchant, kind="payment", key="p:1"
            )
        service.freeze(operator, rich.id, reason="A stolen phone")

        terms = {"debit": merchant, "credit": ravi.account_id, "kind": "send"}
        with pytest.raises(AccountFrozen), transaction():
            ledger.move(Money(1_00), **terms, key="m:1")
        service.unfreeze(operator, rich.id, reason="The phone was found")
        with transaction():
            ledger.move(Money(1_00), **terms, key="m:1")
