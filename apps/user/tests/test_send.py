"""Sending money: prepared, looked at, paid with the PIN; once, and by nobody else."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import event, func, select, update
from werkzeug.test import TestResponse

from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.models.ledger import Transfer
from batua_db.models.wallet import Guess, Lookup, SendOrder, User
from batua_db.money import Money
from batua_dev.client import FreshClient, fresh_client
from batua_user.transfers.queries import masked

PASSWORD = "a quiet river at noon"
MakeUser = Callable[..., User]
SignIn = Callable[[User], FreshClient]
Balance = Callable[[User], Money]


def token_of(page: TestResponse) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert found
    return found[1]


def prepare(browser: FreshClient, to: User | str, amount: str = "120.50", **more: str) -> str:
    phone = to if isinstance(to, str) else to.phone
    answer = browser.submit("/send", phone=phone, amount=amount, note="Dosa", **more)
    assert answer.status_code == 303, answer.text
    return answer.location


def sent() -> list[tuple[str, Money]]:
    db.session.commit()
    rows = db.session.execute(select(Transfer.key, Transfer.amount).where(Transfer.kind == "send"))
    return [(row.key, row.amount) for row in rows]


def wait_is_over() -> None:
    with transaction():
        db.session.execute(update(Guess).values(blocked_until=func.now()))


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is sent to PostgreSQL, but for the frame of transactions."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not re.match(r"(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)", statement):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


@pytest.fixture
def asha(make_user: MakeUser) -> User:
    return make_user("Asha Rao", funds="1000")


@pytest.fixture
def ravi(make_user: MakeUser) -> User:
    return make_user("Ravi Kumar")


@pytest.fixture
def browser(asha: User, signed_in: SignIn) -> FreshClient:
    return signed_in(asha)


@pytest.mark.usefixtures("session")
class TestPrepare:
    def test_it_leads_to_a_look_before_the_pin(
        self, browser: FreshClient, ravi: User, balance: Balance, asha: User
    ) -> None:
        where = prepare(browser, ravi)
        page = browser.get(where)

        assert re.fullmatch(r"/send/[0-9a-f-]{36}", where)
        assert page.status_code == 200
        for shown in ("Ravi K.", "120", "“Dosa”", "₹879.50", "for the first time"):
            assert shown in page.text
        assert "Ravi Kumar" not in page.text
        assert balance(asha) == Money(1000_00)
        assert sent() == []

    def test_the_id_is_the_key_and_the_same_form_is_the_same_order(
        self, browser: FreshClient, ravi: User
    ) -> None:
        key = str(uuid4())

        assert prepare(browser, ravi, key=key) == prepare(browser, ravi, key=key) == f"/send/{key}"

    def test_the_same_key_with_other_terms_is_refused(
        self, browser: FreshClient, ravi: User, make_user: MakeUser, signed_in: SignIn
    ) -> None:
        key = str(uuid4())
        prepare(browser, ravi, key=key)
        form = {"phone": ravi.phone, "amount": "120.50", "note": "Dosa", "key": key}

        for other in ({"amount": "120.51"}, {"note": "Idli"}, {"phone": make_user().phone}):
            assert browser.submit("/send", **{**form, **other}).status_code == 409
        stranger = signed_in(make_user(funds="1000"))
        assert stranger.submit("/send", **form).status_code == 409

    @pytest.mark.parametrize(
        "typed",
        [
            "", "0", "0.00", "-1", "−1", "-0", "+5", "1e3", "1_000", "NaN", "Infinity", "inf",
            "१२३", "１２", "1.005", "0x10", "1,00", "10,00,000.01", "99999999999", "1 000", "<5>",
        ],
    )  # fmt: skip
    def test_what_is_no_amount_is_said_beside_the_field(
        self, browser: FreshClient, ravi: User, typed: str
    ) -> None:
        answer = browser.submit("/send", phone=ravi.phone, amount=typed, note="Dosa")

        assert answer.status_code == 422
        assert re.search(r'id="amount-error">.*(Type|Put)', answer.text, re.DOTALL)
        shown = re.search(r'<input[^>]*name="amount"[^>]*value="([^"]*)"', answer.text)
        assert shown
        assert shown[1].replace("&lt;", "<").replace("&gt;", ">") == typed
        assert 'value="Dosa"' in answer.text
        assert db.session.scalar(select(func.count()).select_from(SendOrder)) == 0

    @pytest.mark.parametrize("style", ["{}", "0{}", "+91 {}", "+91-{}", " {} ", "0091{}"])
    def test_sending_to_oneself_is_refused_however_it_is_typed(
        self, browser: FreshClient, asha: User, style: str
    ) -> None:
        typed = style.format(asha.phone[3:])
        answer = browser.submit("/send", phone=typed, amount="10", note="")

        assert answer.status_code == 422
        assert "your own number" in answer.text or "No such phone" in answer.text

    def test_nobody_there_is_said_clearly(self, browser: FreshClient) -> None:
        answer = browser.submit("/send", phone="+919845099999", amount="10", note="")

        assert answer.status_code == 422
        assert "Nobody with this number has a Batua wallet" in answer.text

    def test_more_than_there_is_is_said_before_the_pin(
        self, browser: FreshClient, ravi: User
    ) -> None:
        answer = browser.submit("/send", phone=ravi.phone, amount="1,000.01", note="")

        assert answer.status_code == 422
        assert "You have ₹1,000.00, which is ₹0.01 short" in answer.text

    def test_a_small_wallet_receives_but_does_not_send(
        self, make_user: MakeUser, signed_in: SignIn, browser: FreshClient, balance: Balance
    ) -> None:
        meena = make_user("Meena Iyer", tier="small", funds="100")
        answer = signed_in(meena).submit("/send", phone="+919845099999", amount="10", note="")
        assert answer.status_code == 422
        assert "full KYC" in answer.text

        browser.post(
            (where := prepare(browser, meena)),
            data={"csrf_token": token_of(browser.get(where)), "pin": "246810"},
        )

        assert balance(meena) == Money(220_50)

    def test_a_card_number_in_the_note_is_refused(self, browser: FreshClient, ravi: User) -> None:
        answer = browser.submit("/send", phone=ravi.phone, amount="10", note="4111 1111 1111 1111")

        assert answer.status_code == 422
        assert "card number" in answer.text

    def test_strangers_may_be_looked_for_twenty_times_an_hour(
        self, browser: FreshClient, ravi: User, asha: User
    ) -> None:
        prepare(browser, ravi)
        with transaction():
            db.session.add_all([Lookup(user_id=asha.id) for _ in range(19)])

        answer = browser.submit("/send", phone="+919845099999", amount="10", note="")

        assert answer.status_code == 429
        assert "Wait an hour" in answer.text
        assert prepare(browser, ravi)  # known people are always open

    def test_and_a_hundred_times_a_day(self, browser: FreshClient, asha: User) -> None:
        earlier = func.now() - func.make_interval(0, 0, 0, 0, 3)
        with transaction():
            db.session.add_all([Lookup(user_id=asha.id, created_at=earlier) for _ in range(99)])
        form = {"phone": "+919845099999", "amount": "10", "note": ""}

        assert browser.submit("/send", **form).status_code == 422
        assert browser.submit("/send", **form).status_code == 429

    def test_whom_one_pays_again_is_a_tap_away(
        self, browser: FreshClient, ravi: User, make_user: MakeUser
    ) -> None:
        browser.submit(prepare(browser, ravi), pin="246810")
        prepare(browser, make_user("Never Paid"))
        page = browser.get("/send")

        assert "Ravi Kumar" in page.text
        assert "Never Paid" not in page.text
        chosen = browser.get(f"/send?to={ravi.id}").text
        assert ravi.phone[3:] in re.sub(r"\s", "", chosen.split('name="phone"')[1][:200])

    def test_nobody_elses_number_is_filled_in(self, browser: FreshClient, ravi: User) -> None:
        page = browser.get(f"/send?to={ravi.id}")

        assert ravi.phone[-5:] not in page.text


@pytest.mark.usefixtures("session")
class TestPay:
    def test_the_pin_sends_it(
        self, browser: FreshClient, asha: User, ravi: User, balance: Balance
    ) -> None:
        answer = browser.submit(prepare(browser, ravi), pin="246810")
        receipt = browser.get(answer.location)

        assert answer.status_code == 303
        assert re.fullmatch(r"/activity/[0-9a-f-]{36}", answer.location)
        assert (balance(asha), balance(ravi)) == (Money(879_50), Money(120_50))
        for shown in ("You sent", "Ravi Kumar", "Dosa", "₹879.50", "−₹120.50"):
            assert shown in receipt.text

    def test_a_second_click_is_the_same_receipt(
        self, browser: FreshClient, ravi: User, asha: User, balance: Balance
    ) -> None:
        where = prepare(browser, ravi)
        form = {"csrf_token": token_of(browser.get(where)), "pin": "246810"}

        first, second = (browser.post(where, data=form) for _ in range(2))
        wrong = browser.post(where, data={**form, "pin": "000000"})

        assert first.location == second.location == wrong.location
        assert browser.get(where).location == first.location
        assert balance(asha) == Money(879_50)
        assert len(sent()) == 1

    def test_a_wrong_pin_sends_nothing_and_says_what_is_left(
        self, browser: FreshClient, ravi: User, asha: User, balance: Balance
    ) -> None:
        where = prepare(browser, ravi)

        answers = [browser.submit(where, pin="111111") for _ in range(6)]

        assert [answer.status_code for answer in answers] == [422] * 5 + [429]
        assert "4 tries left" in answers[0].text
        assert "1 try left" in answers[3].text
        assert "Wait 15 minutes" in answers[4].text
        assert answers[5].headers["Retry-After"]
        assert browser.submit(where, pin="246810").status_code == 429
        assert balance(asha) == Money(1000_00)

    def test_a_right_pin_forgives_the_wrong_ones(self, browser: FreshClient, ravi: User) -> None:
        for _ in range(3):
            where = prepare(browser, ravi, "1")
            for _ in range(4):
                assert browser.submit(where, pin="111111").status_code == 422
            assert browser.submit(where, pin="246810").status_code == 303

    def test_ten_wrong_ones_end_the_pin(
        self, browser: FreshClient, ravi: User, asha: User, balance: Balance
    ) -> None:
        where = prepare(browser, ravi)
        for _ in range(9):
            assert browser.submit(where, pin="111111").status_code == 422
            wait_is_over()

        last = browser.submit(where, pin="111111")

        assert (last.status_code, last.location) == (303, f"/settings/pin?next={where}")
        wait_is_over()
        assert browser.get(where).location == f"/settings/pin?next={where}"
        page = browser.get(last.location)
        assert "no longer works" in page.text
        assert balance(asha) == Money(1000_00)

    @pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "२४६८१०", " 24681"])
    def test_what_is_no_pin_is_not_counted(
        self, browser: FreshClient, ravi: User, typed: str
    ) -> None:
        answer = browser.submit(prepare(browser, ravi), pin=typed)

        assert answer.status_code == 422
        assert "6 digits" in answer.text
        assert db.session.scalar(select(func.count()).select_from(Guess)) == 0

    def test_without_a_pin_it_leads_to_choosing_one_and_back(
        self, make_user: MakeUser, signed_in: SignIn, ravi: User
    ) -> None:
        browser = signed_in(make_user(funds="500", pin=False))
        where = prepare(browser, ravi)
        away = browser.get(where)
        assert away.location == f"/settings/pin?next={where}"

        chosen = browser.submit(away.location, password=PASSWORD, pin="975310", pin_again="975310")

        assert chosen.location == where
        assert browser.submit(where, pin="975310").status_code == 303

    def test_money_that_went_elsewhere_meanwhile_is_missed_gracefully(
        self, browser: FreshClient, ravi: User, balance: Balance, asha: User
    ) -> None:
        first, second = prepare(browser, ravi, "900"), prepare(browser, ravi, "200")
        browser.submit(first, pin="246810")

        answer = browser.submit(second, pin="246810")

        assert answer.status_code == 422
        assert "₹100.00 short" in answer.text
        assert balance(asha) == Money(100_00)

    def test_frozen_and_closed_wallets_say_so(
        self, browser: FreshClient, ravi: User, asha: User, make_user: MakeUser
    ) -> None:
        gone = make_user("Gone Gandhi")
        to_gone, to_ravi = prepare(browser, gone), prepare(browser, ravi)
        with transaction():
            ledger.set_status(gone.account_id, "closed")
        assert "Their wallet is closed" in browser.submit(to_gone, pin="246810").text
        with transaction():
            ledger.set_status(asha.account_id, "frozen")

        answer = browser.submit(to_ravi, pin="246810")

        assert answer.status_code == 422
        assert "Your wallet is frozen" in answer.text

    def test_what_was_prepared_cannot_be_changed_with_the_pin(
        self, browser: FreshClient, ravi: User
    ) -> None:
        where = prepare(browser, ravi)
        form = {"csrf_token": token_of(browser.get(where)), "pin": "246810"}

        answer = browser.post(where, data={**form, "amount": "1"})

        assert answer.status_code == 422
        assert sent() == []

    def test_an_order_is_nobody_elses(
        self, browser: FreshClient, ravi: User, signed_in: SignIn, make_user: MakeUser
    ) -> None:
        where = prepare(browser, ravi)
        for other in (ravi, make_user(funds="1000")):
            thief = signed_in(other)
            form = {"csrf_token": token_of(thief.get("/settings")), "pin": "246810"}

            assert thief.get(where).status_code == 404
            assert thief.post(where, data=form).status_code == 404
        assert sent() == []

    def test_nothing_is_sent_on_get(self, browser: FreshClient, ravi: User) -> None:
        browser.get(prepare(browser, ravi) + "?pin=246810")

        assert sent() == []

    def test_it_costs_five_statements_and_one_of_them_moves_the_money(
        self, browser: FreshClient, ravi: User
    ) -> None:
        where = prepare(browser, ravi)
        form = {"csrf_token": token_of(browser.get(where)), "pin": "246810"}

        with statements() as seen:
            assert browser.post(where, data=form).status_code == 303

        assert len([each for each in seen if "ledger.move(" in each]) == 1
        assert len([each for each in seen if "ledger." in each]) == 1
        assert len(seen) == 5, seen


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ravi Kumar", "Ravi K."),
        ("Lakshmi Venkataraman Subramaniam", "Lakshmi V. S."),
        ("Madhavan", "Madhavan"),
        ("मीनाक्षी शर्मा", "मीनाक्षी श."),
    ],
)
def test_names_are_masked_until_paid(name: str, shown: str) -> None:
    assert masked(name) == shown


@pytest.mark.commits
@pytest.mark.usefixtures("committed")
class TestAtOnce:
    def post_all(
        self, user_app: Flask, browser: FreshClient, where: list[str], pins: list[str]
    ) -> list[TestResponse]:
        cookie = browser.get_cookie("batua_user")
        token = token_of(browser.get("/settings"))
        assert cookie

        def post(pair: tuple[str, str]) -> TestResponse:
            one = fresh_client(user_app)
            refreshed = browser.get_cookie("batua_user")
            assert refreshed
            one.set_cookie("batua_user", refreshed.value)
            return one.post(pair[0], data={"csrf_token": token, "pin": pair[1]})

        with ThreadPoolExecutor(8) as pool:
            return list(pool.map(post, zip(where, pins, strict=True)))

    def test_one_order_many_times_moves_once(
        self, user_app: Flask, browser: FreshClient, asha: User, ravi: User, balance: Balance
    ) -> None:
        where = prepare(browser, ravi)

        answers = self.post_all(user_app, browser, [where] * 12, ["246810"] * 12)

        assert {answer.status_code for answer in answers} == {303}
        assert len({answer.location for answer in answers}) == 1
        assert (balance(asha), balance(ravi)) == (Money(879_50), Money(120_50))

    def test_the_last_rupees_are_spent_once(
        self, user_app: Flask, browser: FreshClient, asha: User, ravi: User, balance: Balance
    ) -> None:
        orders = [prepare(browser, ravi, "600") for _ in range(6)]

        answers = self.post_all(user_app, browser, orders, ["246810"] * 6)

        codes = sorted(answer.status_code for answer in answers)
        assert codes == [303] + [422] * 5
        assert (balance(asha), balance(ravi)) == (Money(400_00), Money(600_00))

    def test_of_wrong_pins_at_once_five_are_looked_at(
        self,
        user_app: Flask,
        browser: FreshClient,
        ravi: User,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        from batua_db import credentials

        looked: list[str] = []
        verify = credentials.verify_pin
        monkeypatch.setattr(
            credentials, "verify_pin", lambda *args: looked.append("") or verify(*args)
        )
        where = prepare(browser, ravi)

        answers = self.post_all(user_app, browser, [where] * 24, [f"{n:06}" for n in range(24)])

        assert len(looked) == 5
        codes = [answer.status_code for answer in answers]
        assert (codes.count(422), codes.count(429)) == (5, 19)

    def test_one_form_many_times_is_one_order(
        self, user_app: Flask, browser: FreshClient, ravi: User
    ) -> None:
        key = str(uuid4())
        token = token_of(browser.get("/send"))
        form = {"phone": ravi.phone, "amount": "5", "note": "", "key": key, "csrf_token": token}

        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda _: browser.post("/send", data=form), range(12)))

        assert {answer.location for answer in answers} == {f"/send/{key}"}
        assert db.session.get(SendOrder, UUID(key))
