"""Requests that wait for a word of the desk: full wallets, and businesses."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from uuid import UUID

import pytest
from sqlalchemy import select

from batua_db.database import db
from batua_db.errors import Conflict
from batua_db.models.desk import Staff
from batua_db.models.payments import Merchant
from batua_db.models.people import KycRequest
from batua_db.models.wallet import User
from batua_dev.client import FreshClient
from batua_dev.testing import Committed
from batua_user.desk.kyc import service as deciding
from batua_user.kyc import service as kyc

from .desk import AtDesk, acts, start_business
from .helpers import MakeUser, SignIn, token_of

PAN = "ABCPR1234F"


def ask(person: User, pan: str = PAN) -> UUID:
    return kyc.ask(person, name="Meena R Iyer", pan=pan, birth_date=date(1991, 5, 17))


def state_of(request: UUID) -> str:
    db.session.commit()
    return db.session.scalars(select(KycRequest.state).where(KycRequest.id == request)).one()


@pytest.mark.usefixtures("session")
class TestFullWallets:
    @pytest.fixture
    def meena(self, make_user: MakeUser) -> User:
        return make_user("Meena Iyer", tier="small")

    @pytest.fixture
    def desk(self, at_desk: AtDesk, operator: Staff) -> FreshClient:
        return at_desk(operator)

    def test_the_queue_tells_who_waits_and_nothing_sealed(
        self, desk: FreshClient, meena: User
    ) -> None:
        assert "Nobody waits" in desk.get("/desk/kyc").text
        request = ask(meena)

        front, queue = desk.get("/desk").text, desk.get("/desk/kyc").text
        page = desk.get(f"/desk/kyc/{request}").text

        assert "Since 2" in front
        assert f"/desk/kyc/{request}" in queue
        for shown in (front, queue, page):
            assert PAN not in shown
            assert "17 May 1991" not in shown
            assert meena.phone.removeprefix("+91") not in shown.replace(" ", "")

    def test_what_is_sealed_is_shown_on_demand_and_each_time_on_record(
        self, desk: FreshClient, meena: User, operator: Staff
    ) -> None:
        path = f"/desk/kyc/{ask(meena)}"
        token = desk.get(path)

        for _ in range(2):
            shown = desk.post(f"{path}/identity", data={"csrf_token": token_of(token)})
            assert PAN in shown.text
            assert "17 May 1991" in shown.text

        recorded = acts(meena.id)
        assert [act.what for act in recorded] == ["reveal_identity"] * 2
        assert PAN not in str([(act.details, act.reason) for act in recorded])
        assert PAN not in desk.get(path).text

    def test_approved_it_is_a_full_wallet_at_once(
        self, desk: FreshClient, meena: User, signed_in: SignIn
    ) -> None:
        request = ask(meena)
        path = f"/desk/kyc/{request}"

        answer = desk.submit(path, decision="approve", reason="As on the card")

        assert answer.status_code == 303
        assert "Approved" in desk.get(path).text
        assert "Full KYC" in signed_in(meena).get("/").text
        last = acts(meena.id)[-1]
        assert (last.what, last.details) == ("approve_kyc", {"request": str(request)})

    def test_refused_they_read_why(self, desk: FreshClient, meena: User, signed_in: SignIn) -> None:
        path = f"/desk/kyc/{ask(meena)}"

        desk.submit(path, decision="refuse", reason="The name is another one")

        assert "The name is another one" in signed_in(meena).get("/kyc").text
        assert acts(meena.id)[-1].what == "refuse_kyc"

    @pytest.mark.parametrize(
        "typed",
        [{"decision": "approve", "reason": ""}, {"decision": "perhaps", "reason": "because so"}],
    )
    def test_no_word_without_a_reason(
        self, desk: FreshClient, meena: User, typed: dict[str, str]
    ) -> None:
        request = ask(meena)

        assert desk.submit(f"/desk/kyc/{request}", **typed).status_code == 422
        assert state_of(request) == "waiting"
        assert acts(meena.id) == []

    def test_the_second_of_two_hears_that_it_is_decided(
        self, desk: FreshClient, at_desk: AtDesk, supervisor: Staff, meena: User
    ) -> None:
        request = ask(meena)
        path = f"/desk/kyc/{request}"
        desk.submit(path, decision="refuse", reason="The name is another one")
        other = at_desk(supervisor)
        data = {"decision": "approve", "reason": "As on the card"}
        token = token_of(other.get("/desk"))
        answer = other.post(path, data={**data, "csrf_token": token})

        assert answer.status_code == 409
        assert "Somebody has decided this request by now." in answer.text
        assert state_of(request) == "refused"
        assert [act.what for act in acts(meena.id)] == ["refuse_kyc"]

    def test_a_pan_in_use_is_said_and_left_waiting(
        self, desk: FreshClient, meena: User, make_user: MakeUser
    ) -> None:
        desk.submit(f"/desk/kyc/{ask(meena)}", decision="approve", reason="As on the card")
        twin = make_user("Mina Iyer", tier="small")
        request = ask(twin)

        answer = desk.submit(f"/desk/kyc/{request}", decision="approve", reason="As on the card")

        assert answer.status_code == 422
        assert "Another full wallet has this PAN" in answer.text
        assert state_of(request) == "waiting"
        assert acts(twin.id) == []

    def test_an_auditor_sees_it_and_has_no_button(
        self, at_desk: AtDesk, auditor: Staff, meena: User
    ) -> None:
        page = at_desk(auditor).get(f"/desk/kyc/{ask(meena)}").text

        assert 'name="decision"' not in page
        assert "Show PAN" not in page


@pytest.mark.commits
def test_of_two_at_once_one_decides(
    committed: Committed, make_user: MakeUser, operator: Staff, supervisor: Staff
) -> None:
    meena = make_user("Meena Iyer", tier="small")
    request, ids = ask(meena), (operator.id, supervisor.id)
    start = Barrier(2)

    def decide(staff_id: UUID) -> bool:
        with committed.app.app_context():
            staff = db.session.get_one(Staff, staff_id)
            start.wait()
            try:
                deciding.decide(staff, request, approve=True, reason="As on the card")
            except Conflict:
                return False
            return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(decide, ids)) == [False, True]
    assert [act.what for act in acts(meena.id)] == ["approve_kyc"]


@pytest.mark.usefixtures("session")
class TestBusinesses:
    def test_it_waits_and_is_approved(
        self, at_desk: AtDesk, operator: Staff, supervisor: Staff, rich: User
    ) -> None:
        desk, merchant_id = at_desk(operator), start_business(rich)
        path = f"/desk/merchants/{merchant_id}"
        assert "Sharma Sweets" in desk.get("/desk/merchants").text

        answer = desk.submit(path, decision="approve", reason="Papers are in order")

        assert answer.status_code == 303
        merchant = db.session.get_one(Merchant, merchant_id)
        assert (merchant.state, merchant.decided_by) == ("approved", operator.id)
        assert [(act.what, act.reason) for act in acts(merchant_id)] == [
            ("approve_business", "Papers are in order")
        ]
        assert "Sharma Sweets" not in desk.get("/desk/merchants").text
        assert "Approved" in at_desk(supervisor).get(path).text

    def test_the_second_hears_that_it_is_decided(
        self, at_desk: AtDesk, operator: Staff, rich: User
    ) -> None:
        desk, merchant_id = at_desk(operator), start_business(rich)
        path, data = f"/desk/merchants/{merchant_id}", {"reason": "No papers came"}
        desk.submit(path, decision="refuse", **data)

        token = token_of(desk.get("/desk"))
        answer = desk.post(path, data={**data, "decision": "approve", "csrf_token": token})

        assert answer.status_code == 409
        assert "decided this business" in answer.text
        assert db.session.get_one(Merchant, merchant_id).state == "refused"
