"""Faults around calls: which are hit, how often, and until when; and magic references."""

import time
from typing import Any, get_args

import pytest

from batua_bank import demo
from batua_bank.desk.tables import DESK
from batua_bank.simulator.kinds import KINDS
from batua_bank.simulator.service import Wanted, end, end_all, switch_on
from batua_db.database import db
from batua_db.errors import NotFound, Refused
from batua_db.models.bank import PaymentSession
from batua_db.models.outgoing import Payout
from batua_db.models.simulator import Fault, What
from batua_db.staffing import hire

from .faults import collect, fired, on, order

pytestmark = pytest.mark.usefixtures("banks")
ASHA = demo.CUSTOMERS[0]
WHATS: tuple[What, ...] = get_args(What)


@pytest.fixture
def held(banks: None, account_of: Any, platform: Any) -> None:
    collect(account_of(), platform())


class TestCalls:
    @pytest.mark.parametrize("how", ["500", "timeout"])
    @pytest.mark.parametrize("when", ["before", "after"])
    def test_a_write_fails_and_its_repeat_is_the_one_answer(
        self, api: Any, how: str, when: str
    ) -> None:
        on(f"api_{how}_{when}", uses=1, seconds=0)  # pyright: ignore[reportArgumentType]
        terms = api.terms()

        first = api.post("/payment-sessions", terms, key="k")
        assert first.status_code == (201 if (how, when) == ("timeout", "after") else 500)
        assert db.session.query(PaymentSession).count() == (1 if when == "after" else 0)
        again = api.post("/payment-sessions", terms, key="k")
        assert again.status_code == 201
        assert ("Idempotent-Replay" in again.headers) == (when == "after")
        assert db.session.query(PaymentSession).count() == 1

    def test_it_hangs_for_as_long_as_it_is_told(self, api: Any) -> None:
        on("api_timeout_after", uses=1, seconds=1)
        began = time.monotonic()

        api.ask()
        assert time.monotonic() - began > 1

    def test_a_failure_is_told_as_any_of_ours(self, api: Any) -> None:
        on("api_500_before")
        answer = api.post("/payment-sessions", api.terms())

        assert answer.get_json()["error"]["code"] == "internal_error"

    def test_reads_and_other_calls_are_left_alone(self, api: Any) -> None:
        asked = api.ask()
        on("api_500_before")

        assert api.get(f"/payment-sessions/{asked['id']}").status_code == 200
        assert api.get("/settlement?bank=SBB").status_code == 200
        assert api.get("/banks").status_code == 200
        assert fired() == [0]

    @pytest.mark.parametrize("body", [b"{", b"[]", b'{"bank": 7, "reference": "x"}'])
    def test_what_can_not_be_read_is_refused_as_ever(self, api: Any, body: bytes) -> None:
        on("api_500_before")

        assert api.post("/payouts", body).status_code in {400, 422}

    @pytest.mark.usefixtures("held")
    @pytest.mark.parametrize("what", ["decline", "insufficient_funds"])
    def test_a_refused_payout_stays_refused(self, api: Any, platform: Any, what: What) -> None:
        on(what, uses=1)
        terms = order()
        first = api.post("/payouts", terms, key="k")
        again = api.post("/payouts", terms, key="k")

        assert first.status_code == again.status_code == 422
        code = "declined" if what == "decline" else "insufficient_funds"
        assert again.get_json()["error"]["code"] == code
        assert again.headers["Idempotent-Replay"] == "true"
        assert db.session.query(Payout).count() == 0
        assert api.post("/payouts", terms).status_code == 201


class TestFaults:
    def test_only_what_it_is_about_is_hit(self, api: Any, other_client: str) -> None:
        terms = api.terms()
        on("api_500_before", reference=terms["reference"])
        on("api_500_before", bank="CCB")
        on("api_500_before", client=other_client, bank="SBB")

        assert api.post("/payment-sessions", api.terms()).status_code == 201
        assert api.post("/payment-sessions", terms).status_code == 500
        assert api.post("/payment-sessions", api.terms(bank="CCB")).status_code == 500
        assert fired() == [1, 1, 0]

    def test_it_is_over_when_it_is_used_up_or_ended(self, api: Any, staff: Any) -> None:
        on("api_500_before", uses=2)
        for status in (500, 500, 201):
            assert api.post("/payment-sessions", api.terms()).status_code == status
        fault = on("api_500_before")
        end(fault, by=staff())
        end(fault, by=staff())
        assert api.post("/payment-sessions", api.terms()).status_code == 201
        assert fired() == [2, 0]

    def test_all_are_ended_at_once_or_only_ones_own(self, other_client: str, staff: Any) -> None:
        hire(DESK, "kiran", name="K", role="developer", client_id=other_client, password="x" * 20)
        theirs = staff("kiran")
        on("decline")
        mine = on("slow", client=other_client)
        others = on("slow", client="wallet")

        with pytest.raises(NotFound):
            end(others, by=theirs)
        with pytest.raises(Refused):
            switch_on(Wanted(what="slow", client="wallet"), by=theirs)
        with pytest.raises(Refused):
            switch_on(Wanted(what="slow", bank="SBB"), by=theirs)
        assert end_all(by=theirs) == 1
        assert db.session.get_one(Fault, mine).ended_at
        assert end_all(by=staff()) == 2
        assert end_all(by=staff()) == 0

    @pytest.mark.parametrize(
        ("wanted", "field"),
        [
            (Wanted(what="slow"), "reference"),
            (Wanted(what="slow", bank="XYZ"), "bank"),
            (Wanted(what="slow", client="nobody"), "client"),
            (Wanted(what="payout_fails", bank="SBB"), "failure"),
            (Wanted(what="slow", bank="SBB", failure="account_closed"), "failure"),
        ],
    )
    def test_nonsense_is_refused(self, wanted: Wanted, field: str) -> None:
        with pytest.raises(Refused) as refused:
            switch_on(wanted, by="a test")

        assert refused.value.field == field

    def test_each_kind_has_its_words(self) -> None:
        assert set(KINDS) == set(WHATS)


class TestMagic:
    def test_a_reference_says_what_goes_wrong_once(self, api: Any) -> None:
        terms = api.terms(reference="sim:api_500_before:a-7")

        assert api.post("/payment-sessions", terms).status_code == 500
        assert api.post("/payment-sessions", terms).status_code == 201
        assert (
            api.post("/payment-sessions", terms | {"reference": "sim:nothing:x"}).status_code == 201
        )
        assert fired() == [1]

    @pytest.mark.usefixtures("held")
    def test_and_how(self, api: Any) -> None:
        for spell in (
            "sim:payout_fails.account_closed:1",
            "sim:payout_fails:2",
            "sim:webhook_duplicated.5:3",
            "sim:slow.0:4",
            "sim:webhook_delayed.999:5",
        ):
            assert api.post("/payouts", order(reference=spell, amount=1_00)).status_code == 201

        faults = db.session.query(Fault).order_by(Fault.created_at)
        assert [(f.failure, f.times, f.seconds) for f in faults] == [
            ("account_closed", 1, 2),
            ("unknown_account", 1, 2),
            (None, 5, 0),
            (None, 1, 0),
            (None, 1, 120),
        ]
