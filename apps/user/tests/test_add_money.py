"""Adding money, up to the bank and back, while the bank does what banks do."""

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from batua_db.database import db, transaction
from batua_db.models.wallet import Bank, Topup, TopupEvent, User
from batua_db.money import Money
from batua_dev.client import FreshClient
from batua_user.topups import polling

MakeUser = Callable[..., User]
MakeTopup = Callable[..., UUID]
SignIn = Callable[[User], FreshClient]
BANK = "http://localhost:3002"


def session_at_bank(**other: Any) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "status": "open",
        "url": f"{BANK}/pay/a-token",
        "expires_at": (datetime.now(UTC) + timedelta(minutes=5)).isoformat(),
        **other,
    }


def says(status: int, body: Any) -> Callable[[Any], None]:
    def answer(handler: Any) -> None:
        content = json.dumps(body).encode()
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def refuses(status: int, message: str = "No.") -> Callable[[Any], None]:
    return says(status, {"error": {"code": "no", "message": message, "field": None}})


def topups() -> list[tuple[str, Money]]:
    db.session.commit()
    rows = db.session.execute(select(Topup.state, Topup.amount).order_by(Topup.created_at))
    return [(row.state, row.amount) for row in rows]


def make_due(topup_id: UUID | None = None) -> None:
    with transaction():
        query = update(Topup).values(check_at=func.now() - timedelta(hours=1))
        db.session.execute(query.where(Topup.id == topup_id) if topup_id else query)


@pytest.fixture
def asha(make_user: MakeUser) -> User:
    return make_user()


@pytest.fixture
def browser(asha: User, signed_in: SignIn) -> FreshClient:
    return signed_in(asha)


@pytest.fixture
def bank(stub: Any, bank_at: Callable[[str], Any]) -> Any:
    """A bank that opens a session for whatever it is asked."""
    stub.answer = says(201, session_at_bank())
    bank_at(stub.url)
    return stub


def add(browser: FreshClient, amount: str = "500", bank: str = "SBB", **more: str) -> TestResponse:
    return browser.submit("/add-money", amount=amount, bank=bank, **more)


def form_key(page: TestResponse) -> str:
    found = re.search(r'name="key"[^>]*value="([^"]+)"', page.text)
    assert found
    return found[1]


@pytest.mark.usefixtures("session")
class TestAsk:
    def test_the_bank_is_asked_and_the_person_led_there(
        self, browser: FreshClient, bank: Any
    ) -> None:
        answer = add(browser, "1,50,000.00")

        assert (answer.status_code, answer.location) == (303, f"{BANK}/pay/a-token")
        _, _, body, headers = bank.asked[0]
        topup = db.session.scalars(select(Topup)).one()
        said = json.loads(body)
        assert said["reference"] == headers["Idempotency-Key"] == str(topup.id)
        assert said["amount"] == 1_50_000_00
        assert said["currency"] == "INR"
        assert said["bank"] == "SBB"
        assert said["return_url"] == f"http://localhost:3001/add-money/{topup.id}"
        assert topup.state == "pending"

    def test_the_same_form_twice_is_one_topup(self, browser: FreshClient, bank: Any) -> None:
        page = browser.get("/add-money")
        key = form_key(page)

        first, second = add(browser, key=key), add(browser, key=key)

        assert first.location == second.location == f"{BANK}/pay/a-token"
        assert topups() == [("pending", Money(500_00))]
        assert len(bank.asked) == 1

    def test_the_same_form_with_other_terms_is_refused(
        self, browser: FreshClient, bank: Any
    ) -> None:
        key = form_key(browser.get("/add-money"))
        add(browser, key=key)

        assert add(browser, "501", key=key).status_code == 409
        assert topups() == [("pending", Money(500_00))]

    def test_a_key_is_only_ones_own(
        self, browser: FreshClient, make_user: MakeUser, signed_in: SignIn, bank: Any
    ) -> None:
        key = form_key(browser.get("/add-money"))
        add(browser, key=key)

        other = add(signed_in(make_user()), "70", key=key)

        assert other.status_code == 303
        assert topups() == [("pending", Money(500_00)), ("pending", Money(70_00))]

    @pytest.mark.parametrize(
        "typed",
        [
            "", " ", "0", "0.00", "-1", "−1", "-0", "+5", "1e3", "1_000", "NaN", "Infinity",
            "१२३", "１２", "1.005", "0x10", "1,00", "1,5000.00", "10,00,000.01", "99999999999",
            "1 000", "5,", "five", "1\u200b0", "<b>5</b>", "1.", ".5",
        ],
    )  # fmt: skip
    def test_what_is_no_amount_is_said_beside_the_field(
        self, browser: FreshClient, bank: Any, typed: str
    ) -> None:
        answer = add(browser, typed)

        assert answer.status_code == 422
        assert re.search(r'id="amount-error">.*(Type|Put)', answer.text, re.DOTALL)
        shown = re.search(r'<input[^>]*name="amount"[^>]*value="([^"]*)"', answer.text)
        assert shown
        assert shown[1].replace("&lt;", "<").replace("&gt;", ">") == typed
        assert topups() == []
        assert bank.asked == []

    @pytest.mark.parametrize("bank_code", ["", "XXX", "sbb"])
    def test_an_unknown_bank_is_refused(
        self, browser: FreshClient, bank: Any, bank_code: str
    ) -> None:
        answer = add(browser, bank=bank_code)

        assert answer.status_code == 422
        assert "Choose the bank" in answer.text
        assert 'value="500"' in answer.text
        assert topups() == []

    def test_three_may_be_open(self, browser: FreshClient, bank: Any) -> None:
        answers = [add(browser) for _ in range(4)]

        assert [answer.status_code for answer in answers] == [303, 303, 303, 429]
        assert "You have 3 payments open" in answers[3].text
        assert 'value="500"' in answers[3].text
        assert answers[3].headers["Retry-After"]
        assert len(topups()) == 3

    def test_ten_may_be_made_in_an_hour_and_tries_do_not_count(
        self, browser: FreshClient, asha: User, make_topup: MakeTopup, bank: Any
    ) -> None:
        for _ in range(12):
            make_topup(asha, session_id=None, state="failed", check_at=None)
        for _ in range(9):
            make_topup(asha, state="declined", check_at=None)

        assert add(browser).status_code == 303
        answer = add(browser)

        assert answer.status_code == 429
        assert "10 payments in the last hour" in answer.text

    def test_without_banks_the_page_asks_for_them_once(
        self, browser: FreshClient, bank: Any
    ) -> None:
        with transaction():
            db.session.execute(update(Bank).values(ifsc_prefix=""))
        names = [{"code": "SBB", "name": "State Bank of Batua", "ifsc_prefix": "SBBT0"}]
        bank.answer = says(200, {"items": names, "next": None})

        assert "State Bank of Batua" in browser.get("/add-money").text
        browser.get("/add-money")

        assert len(bank.asked) == 1

    @pytest.mark.usefixtures("nowhere")
    def test_without_banks_and_without_the_bank_it_says_so(self, browser: FreshClient) -> None:
        with transaction():
            db.session.execute(update(Bank).values(ifsc_prefix=""))

        page = browser.get("/add-money")

        assert page.status_code == 200
        assert "No bank answers right now" in page.text


@pytest.mark.usefixtures("session")
class TestTheBankFails:
    def ended_with_a_new_form(self, answer: TestResponse, status: int, said: str) -> None:
        assert answer.status_code == status
        assert said in answer.text
        assert 'value="500"' in answer.text
        assert re.search(r'value="SBB"[^>]*checked|checked[^>]*value="SBB"', answer.text)
        assert topups() == [("failed", Money(500_00))]
        old = db.session.scalars(select(Topup.key)).one()
        assert form_key(answer) != str(old)

    @pytest.mark.usefixtures("nowhere")
    def test_refused_connection_ends_it_at_once(self, browser: FreshClient) -> None:
        answer = add(browser)

        self.ended_with_a_new_form(answer, 503, "can’t be reached right now")
        assert answer.headers["Retry-After"]

    def test_a_bank_that_says_later_ends_it_at_once(self, browser: FreshClient, bank: Any) -> None:
        bank.answer = refuses(503)

        self.ended_with_a_new_form(add(browser), 503, "Try again in a few minutes")

    def test_a_no_of_the_bank_is_told(self, browser: FreshClient, bank: Any) -> None:
        bank.answer = refuses(422, "Payments are closed for maintenance.")

        self.ended_with_a_new_form(add(browser), 422, "Payments are closed for maintenance.")

    @pytest.mark.parametrize("status", [400, 401, 403])
    def test_what_only_we_can_mend_is_not_told_as_it_is(
        self, browser: FreshClient, bank: Any, status: int
    ) -> None:
        bank.answer = refuses(status, "BadToken: signature differs")

        answer = add(browser)

        self.ended_with_a_new_form(answer, 503, "can’t be reached right now")
        assert "BadToken" not in answer.text

    @pytest.mark.parametrize(
        "url", ["https://evil.com/pay/x", "//evil.com", "http://localhost:3002.evil.com/", None]
    )
    def test_nobody_is_led_elsewhere(
        self, browser: FreshClient, bank: Any, url: str | None
    ) -> None:
        bank.answer = says(201, session_at_bank(url=url))

        self.ended_with_a_new_form(add(browser), 503, "can’t be reached right now")

    @pytest.mark.parametrize("status", [500, 502, 504, 429])
    def test_silence_leaves_it_pending_and_the_worker_asks_again(
        self, browser: FreshClient, bank: Any, status: int
    ) -> None:
        bank.answer = says(status, {})
        answer = add(browser)
        topup = db.session.scalars(select(Topup)).one()
        assert (answer.status_code, answer.location) == (303, f"/add-money/{topup.id}")
        page = browser.get(answer.location)
        assert 'data-state="pending"' in page.text
        assert "has not answered so far" in page.text

        bank.answer = says(201, session_at_bank())
        make_due()
        assert polling.poll() == 1

        keys = {headers["Idempotency-Key"] for *_, headers in bank.asked}
        assert keys == {str(topup.id)}
        page = browser.get(answer.location)
        assert f'href="{BANK}/pay/a-token"' in page.text

    def test_a_repeated_order_that_is_refused_ends(self, browser: FreshClient, bank: Any) -> None:
        bank.answer = says(500, {})
        add(browser)

        bank.answer = refuses(422)
        make_due()
        polling.poll()

        assert topups() == [("failed", Money(500_00))]

    @pytest.mark.parametrize("answer", [says(500, {}), refuses(503)])
    def test_a_repeated_order_without_an_answer_goes_on(
        self, browser: FreshClient, bank: Any, answer: Any
    ) -> None:
        bank.answer = says(500, {})
        add(browser)

        bank.answer = answer
        make_due()
        polling.poll()

        assert topups() == [("pending", Money(500_00))]


def of_the_bank(status: str, payments: list[dict[str, Any]]) -> Callable[[Any], None]:
    def answer(handler: Any) -> None:
        if "/payments" in handler.path:
            says(200, {"items": payments, "next": None})(handler)
        else:
            says(200, session_at_bank(status=status))(handler)

    return answer


@pytest.mark.usefixtures("session")
class TestPoll:
    def test_a_webhook_that_never_comes_loses_nothing(
        self,
        asha: User,
        make_topup: MakeTopup,
        bank: Any,
        the_bank: Any,
        balance: Callable[[User], Money],
        state_of: Callable[[UUID], str],
    ) -> None:
        topup = make_topup(asha)
        payment = the_bank.payment(topup)
        bank.answer = of_the_bank("succeeded", [payment])
        make_due()

        assert polling.poll() == 1
        assert state_of(topup) == "credited"
        assert polling.poll() == 0
        the_bank.tell(payment)

        assert balance(asha) == Money(500_00)

    @pytest.mark.parametrize("status", ["declined", "expired"])
    def test_what_ended_ends(
        self,
        asha: User,
        make_topup: MakeTopup,
        bank: Any,
        state_of: Callable[[UUID], str],
        status: str,
    ) -> None:
        topup = make_topup(asha)
        bank.answer = of_the_bank(status, [])
        make_due()

        polling.poll()

        assert state_of(topup) == status

    def test_questions_become_rarer(self, asha: User, make_topup: MakeTopup, bank: Any) -> None:
        topup = make_topup(asha)
        bank.answer = of_the_bank("open", [])
        waits = []
        for _ in range(6):
            make_due()
            polling.poll()
            left = select(Topup.check_at - func.clock_timestamp()).where(Topup.id == topup)
            waits.append(round(db.session.scalars(left).one().total_seconds()))

        assert waits == [10, 20, 40, 60, 60, 60]

    def test_nothing_is_asked_before_its_time(
        self, asha: User, make_topup: MakeTopup, bank: Any
    ) -> None:
        make_topup(asha)

        assert polling.poll() == 0
        assert bank.asked == []

    @pytest.mark.parametrize("answer", [says(500, {}), refuses(404), of_the_bank("succeeded", [])])
    def test_without_an_answer_it_stays_pending(
        self,
        asha: User,
        make_topup: MakeTopup,
        bank: Any,
        state_of: Callable[[UUID], str],
        answer: Any,
    ) -> None:
        topup = make_topup(asha)
        bank.answer = answer
        make_due()

        polling.poll()

        assert state_of(topup) == "pending"

    def test_a_payment_of_another_reference_is_not_taken(
        self,
        asha: User,
        make_topup: MakeTopup,
        bank: Any,
        the_bank: Any,
        state_of: Callable[[UUID], str],
    ) -> None:
        topup = make_topup(asha)
        bank.answer = of_the_bank("succeeded", [the_bank.payment(uuid4())])
        make_due()

        polling.poll()

        assert state_of(topup) == "pending"


@pytest.mark.usefixtures("session")
class TestStatus:
    def test_whoever_comes_back_need_not_wait(
        self, asha: User, browser: FreshClient, make_topup: MakeTopup, bank: Any, the_bank: Any
    ) -> None:
        topup = make_topup(asha, check_at=func.now() + timedelta(seconds=2))
        bank.answer = of_the_bank("succeeded", [the_bank.payment(topup)])

        page = browser.get(f"/add-money/{topup}")

        assert 'data-state="credited"' in page.text
        assert "Your balance is now" in page.text

    def test_what_the_address_says_proves_nothing(
        self,
        asha: User,
        browser: FreshClient,
        make_topup: MakeTopup,
        bank: Any,
        balance: Callable[[User], Money],
    ) -> None:
        topup = make_topup(asha)
        bank.answer = of_the_bank("open", [])

        page = browser.get(f"/add-money/{topup}?status=success&amount=900000")

        assert 'data-state="pending"' in page.text
        assert balance(asha) == Money(0)

    def test_an_open_page_leads_on_and_looks_again_by_itself(
        self, asha: User, browser: FreshClient, make_topup: MakeTopup, bank: Any
    ) -> None:
        topup = make_topup(asha)

        page = browser.get(f"/add-money/{topup}")

        assert f'href="{BANK}/pay/a-token"' in page.text
        assert 'hx-trigger="every 1s"' in page.text
        assert 'http-equiv="refresh"' in page.text
        assert "data-expires-at" in page.text

    def test_without_news_there_is_nothing_to_swap(
        self, asha: User, browser: FreshClient, make_topup: MakeTopup, bank: Any, the_bank: Any
    ) -> None:
        topup = make_topup(asha)
        page = browser.get(f"/add-money/{topup}")
        again = re.search(r'hx-get="([^"]+)"', page.text)
        assert again
        path = again[1].replace("&amp;", "&")

        assert browser.get(path, headers={"HX-Request": "true"}).status_code == 204
        the_bank.tell(the_bank.payment(topup))
        news = browser.get(path, headers={"HX-Request": "true"})

        assert 'data-state="credited"' in news.text
        assert "hx-trigger" not in news.text

    @pytest.mark.parametrize(
        ("state", "said"),
        [
            ("declined", "was declined"),
            ("expired", "was not approved in time"),
            ("failed", "could not be added"),
            ("refunded", "is back at your bank"),
        ],
    )
    def test_each_end_is_told(
        self, asha: User, browser: FreshClient, make_topup: MakeTopup, state: str, said: str
    ) -> None:
        topup = make_topup(asha, state=state, check_at=None)

        page = browser.get(f"/add-money/{topup}")

        assert f'data-state="{state}"' in page.text
        assert said in page.text

    def test_money_set_aside_is_told(
        self, asha: User, browser: FreshClient, make_topup: MakeTopup, the_bank: Any
    ) -> None:
        topup = make_topup(asha)
        the_bank.tell(the_bank.payment(topup, amount=400_00))

        page = browser.get(f"/add-money/{topup}")

        assert 'data-state="captured"' in page.text
        assert "It moved ₹400.00, and you had asked for ₹500.00." in page.text
        assert "₹400.00 is set aside" in browser.get("/").text

    def test_it_is_nobody_elses(
        self, asha: User, make_user: MakeUser, signed_in: SignIn, make_topup: MakeTopup
    ) -> None:
        topup = make_topup(asha)

        assert signed_in(make_user()).get(f"/add-money/{topup}").status_code == 404

    @pytest.mark.usefixtures("nowhere")
    def test_a_bank_that_is_gone_leaves_it_pending(
        self, asha: User, browser: FreshClient, make_topup: MakeTopup
    ) -> None:
        topup = make_topup(asha)
        make_due()

        assert 'data-state="pending"' in browser.get(f"/add-money/{topup}").text


@pytest.mark.commits
@pytest.mark.usefixtures("committed")
class TestAtOnce:
    def test_one_form_many_times_is_one_topup(
        self, browser: FreshClient, bank: Any, user_app: Flask
    ) -> None:
        page = browser.get("/add-money")
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
        assert token
        key = form_key(page)
        data = {"csrf_token": token[1], "key": key, "amount": "500", "bank": "SBB"}

        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda _: browser.post("/add-money", data=data), range(12)))

        assert {answer.status_code for answer in answers} == {303}
        assert topups() == [("pending", Money(500_00))]
        assert len({headers["Idempotency-Key"] for *_, headers in bank.asked}) == 1

    def test_of_many_forms_three_are_opened(self, browser: FreshClient, bank: Any) -> None:
        page = browser.get("/add-money")
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
        assert token

        def post(_: int) -> int:
            data = {"csrf_token": token[1], "key": str(uuid4()), "amount": "5", "bank": "SBB"}
            return browser.post("/add-money", data=data).status_code

        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(post, range(8)))

        assert sorted(answers) == [303] * 3 + [429] * 5

    def test_webhook_poll_and_page_at_once_credit_once(
        self,
        asha: User,
        browser: FreshClient,
        make_topup: MakeTopup,
        bank: Any,
        the_bank: Any,
        user_app: Flask,
        balance: Callable[[User], Money],
    ) -> None:
        topup = make_topup(asha)
        payment = the_bank.payment(topup)
        bank.answer = of_the_bank("succeeded", [payment])
        make_due()

        def poll() -> None:
            with user_app.app_context():
                polling.poll()

        with ThreadPoolExecutor(6) as pool:
            jobs = [pool.submit(the_bank.tell, payment) for _ in range(5)]
            jobs += [pool.submit(poll) for _ in range(3)]
            jobs += [pool.submit(browser.get, f"/add-money/{topup}") for _ in range(5)]
            for job in jobs:
                job.result()

        assert balance(asha) == Money(500_00)
        told = select(func.count()).where(TopupEvent.what == "credited")
        assert db.session.scalars(told).one() == 1
