"""Money in suspense at the desk: why it waits, credited after all, or sent back now."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from batua_db.database import db, transaction
from batua_db.models.desk import Staff
from batua_db.models.wallet import Topup, User
from batua_db.money import Money
from batua_dev.client import FreshClient
from batua_user.topups import polling

from .desk import AtDesk, acts, held_back
from .helpers import Balance, MakeTopup, StateOf, make_due, token_of
from .stub import Stub, answer
from .the_bank import TheBank
from .webhook_books import steps, suspense

pytestmark = pytest.mark.usefixtures("session")


@pytest.fixture
def held(rich: User, make_topup: MakeTopup, the_bank: TheBank) -> UUID:
    """₹499 that wait for Asha, who had asked for ₹500."""
    return held_back(rich, make_topup, the_bank)


@pytest.fixture
def desk(at_desk: AtDesk, operator: Staff) -> FreshClient:
    return at_desk(operator)


def act(desk: FreshClient, held: UUID, what: str, reason: str = "agreed by phone") -> Any:
    return desk.submit(f"/desk/suspense/{held}", act=what, reason=reason)


def refuse(bank: Stub, status: int = 422) -> None:
    """The bank takes nothing back."""
    bank.answer = lambda handler: answer(
        handler, status, {"error": {"code": "closed", "message": "The account is closed."}}
    )


def poll() -> None:
    make_due()
    polling.poll()


def test_what_waits_is_listed_with_why_and_since_when(
    desk: FreshClient, held: UUID, rich: User
) -> None:
    queue = desk.get("/desk/suspense").text
    page = desk.get(f"/desk/suspense/{held}").text

    assert "₹499.00" in queue
    assert "another amount than was asked for" in queue
    assert f"/desk/suspense/{held}" in queue
    assert "Moved by the bank" in page
    assert "₹500.00" in page
    assert "Money in suspense" in desk.get("/desk").text
    assert [each.what for each in acts(held)] == ["look"]


def test_it_is_credited_before_the_bank_was_asked(
    desk: FreshClient, held: UUID, rich: User, balance: Balance, state_of: StateOf
) -> None:
    sent = act(desk, held, "credit", "₹499 is fine with her")

    assert sent.location == f"/desk/operations/{held}"
    assert (balance(rich), suspense(), state_of(held)) == (
        Money(1_499_00), Money(0), "credited",
    )  # fmt: skip
    recorded = acts(held)[-1]
    assert (recorded.what, recorded.reason) == ("credit_suspense", "₹499 is fine with her")
    assert act_again_is_404(desk, held)
    poll()
    assert suspense() == Money(0)
    assert desk.get(f"/desk/operations/{held}").status_code == 200


def act_again_is_404(desk: FreshClient, held: UUID) -> bool:
    return desk.get(f"/desk/suspense/{held}").status_code == 404


def test_it_is_not_credited_while_the_bank_may_be_giving_it_back(
    desk: FreshClient, held: UUID, rich: User, balance: Balance, bank: Stub
) -> None:
    bank.says(500, {})
    poll()

    assert "Not while the bank may be taking it back" in desk.get(f"/desk/suspense/{held}").text
    sent = desk.post(
        f"/desk/suspense/{held}",
        data={
            "act": "credit",
            "reason": "please do",
            "csrf_token": _token(desk, held),
        },
    )

    assert sent.status_code == 409
    assert (balance(rich), suspense()) == (Money(1_000_00), Money(499_00))
    assert "credit_suspense" not in [each.what for each in acts(held)]


def _token(desk: FreshClient, held: UUID) -> str:
    return token_of(desk.get(f"/desk/suspense/{held}"))


def test_what_the_bank_would_not_take_is_credited_if_it_fits(
    desk: FreshClient, held: UUID, rich: User, balance: Balance, bank: Stub
) -> None:
    refuse(bank)
    poll()
    assert steps(held)[-1] == ("kept", "The account is closed.")
    assert "The account is closed." in desk.get(f"/desk/suspense/{held}").text

    act(desk, held, "credit")

    assert (balance(rich), suspense()) == (Money(1_499_00), Money(0))


def test_it_is_not_credited_above_the_limits(
    desk: FreshClient, make_user: Any, make_topup: MakeTopup, the_bank: TheBank, bank: Stub,
    balance: Balance,
) -> None:  # fmt: skip
    meena = make_user("Meena Iyer", funds="9,800", tier="small")
    held = make_topup_beside_the_limit(meena, the_bank)
    refuse(bank)
    poll()
    assert "It does not fit: there is room for ₹200.00" in desk.get(f"/desk/suspense/{held}").text

    data = {"act": "credit", "reason": "please do", "csrf_token": _token(desk, held)}
    sent = desk.post(f"/desk/suspense/{held}", data=data)

    assert sent.status_code == 422
    assert (balance(meena), suspense()) == (Money(9_800_00), Money(500_00))


def make_topup_beside_the_limit(person: User, the_bank: TheBank) -> UUID:
    topup_id = uuid4()
    with transaction():
        db.session.add(
            Topup(id=topup_id, user_id=person.id, bank_code="SBB", amount=Money(500_00),
                  key=uuid4(), state="pending", session_id=str(uuid4()))
        )  # fmt: skip
    assert the_bank.tell(the_bank.payment(topup_id)).status_code == 200
    return topup_id


def test_it_is_sent_back_now(desk: FreshClient, held: UUID, state_of: StateOf, bank: Stub) -> None:
    bank.says(201, {"id": str(uuid4())})

    act(desk, held, "return", "she asked for it back")

    assert (state_of(held), suspense()) == ("refunded", Money(0))
    assert acts(held)[-1].what == "return_suspense"
    assert bank.asked[-1][3]["Idempotency-Key"] == f"refund:{held}"


def test_a_refund_that_was_refused_is_asked_for_anew_and_one_without_answer_is_not(
    desk: FreshClient, held: UUID, state_of: StateOf, bank: Stub
) -> None:
    refuse(bank)
    poll()
    bank.says(500, {})
    act(desk, held, "return", "the account is open again")
    assert state_of(held) == "captured"
    assert "Not while the bank may be taking it back" in desk.get(f"/desk/suspense/{held}").text
    bank.says(201, {"id": str(uuid4())})

    poll()

    assert state_of(held) == "refunded"
    keys = [headers["Idempotency-Key"] for _, _, _, headers in bank.asked]
    assert keys == [f"refund:{held}", f"refund:{held}:1", f"refund:{held}:1"]


def test_an_auditor_sees_no_buttons(at_desk: AtDesk, auditor: Staff, held: UUID) -> None:
    page = at_desk(auditor).get(f"/desk/suspense/{held}")

    assert page.status_code == 200
    assert "Send it back now" not in page.text


def test_news_of_nobodys_money_is_listed(desk: FreshClient, the_bank: TheBank) -> None:
    nobody = uuid4()
    the_bank.tell(the_bank.payment(nobody, amount=12_34))

    page = desk.get("/desk/suspense").text

    assert str(nobody) in page
    assert "₹12.34" in page
    assert db.session.scalars(select(Topup)).all() == []
