"""From a small wallet to a full one: asked once, decided once, and sealed."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from batua_db import credentials, fields
from batua_db.database import db, transaction
from batua_db.errors import Conflict, NotFound
from batua_db.models.desk import Staff
from batua_db.models.people import KycRequest, Notice
from batua_db.models.wallet import User
from batua_dev.client import FreshClient
from batua_user.kyc.service import PanInUse, decide

from .helpers import MakeUser, SignIn

pytestmark = pytest.mark.usefixtures("session")
DETAILS = {"name": "Meena Iyer", "pan": "abcpi1234f", "birth_date": "1990-07-31"}


@pytest.fixture
def meena(make_user: MakeUser) -> User:
    return make_user("Meena", tier="small")


@pytest.fixture
def browser(meena: User, signed_in: SignIn) -> FreshClient:
    return signed_in(meena)


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


def request() -> KycRequest:
    db.session.commit()
    return db.session.scalars(select(KycRequest).order_by(KycRequest.created_at.desc())).first()  # pyright: ignore[reportReturnType]


def settle(request_id: UUID, staff: UUID, *, approve: bool = True, reason: str = "") -> None:
    with transaction():
        decide(request_id, staff, approve=approve, reason=reason)


def test_what_identifies_a_person_is_sealed(browser: FreshClient) -> None:
    assert browser.submit("/kyc", **DETAILS).status_code == 303

    row = request()
    assert fields.reveal(row.pan_sealed) == "ABCPI1234F"
    assert fields.reveal(row.birth_date_sealed) == "1990-07-31"
    assert b"ABCPI" not in row.pan_sealed + row.pan_hash
    page = browser.get("/kyc").text
    assert 'data-state="waiting"' in page
    assert "ABCPI" not in page


def test_asking_twice_is_asking_once(browser: FreshClient) -> None:
    page = browser.get("/kyc")
    token = page.text.split('name="csrf_token" type="hidden" value="')[1].split('"')[0]
    for _ in range(2):
        browser.post("/kyc", data={"csrf_token": token, **DETAILS})

    assert db.session.scalar(select(func.count()).select_from(KycRequest)) == 1


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"pan": "ABCCI1234F"}, "as on the card"),  # a company's
        ({"pan": "ABCPI1234"}, "as on the card"),
        ({"pan": "ＡBCPI1234F"}, "as on the card"),
        ({"birth_date": "2015-01-01"}, "18 years"),
        ({"birth_date": "31/07/1990"}, "the day you were born"),
        ({"birth_date": "1880-01-01"}, "the day you were born"),
        ({"birth_date": "2999-01-01"}, "the day you were born"),
        ({"birth_date": "1990-02-30"}, "the day you were born"),
        ({"name": ""}, "Type your name"),
    ],
)
def test_what_cannot_be_is_said_and_kept(
    browser: FreshClient, typed: dict[str, str], sentence: str
) -> None:
    answer = browser.submit("/kyc", **{**DETAILS, **typed})

    assert answer.status_code == 422
    assert sentence in answer.text
    assert db.session.scalar(select(func.count()).select_from(KycRequest)) == 0


def test_approval_makes_the_wallet_full_and_says_so(
    browser: FreshClient, meena: User, operator: UUID
) -> None:
    browser.submit("/kyc", **DETAILS)

    settle(request().id, operator)

    db.session.refresh(meena)
    assert (meena.tier, meena.name) == ("full", "Meena Iyer")
    assert "All of Batua is open to you" in browser.get("/kyc").text
    told = db.session.scalars(select(Notice.title).where(Notice.user_id == meena.id)).all()
    assert told == ["Your wallet is a full one now"]


def test_a_refusal_says_why_and_another_try_is_open(
    browser: FreshClient, meena: User, operator: UUID
) -> None:
    browser.submit("/kyc", **DETAILS)

    settle(request().id, operator, approve=False, reason="The name is not as on the card.")

    page = browser.get("/kyc").text
    assert "The name is not as on the card." in page
    db.session.refresh(meena)
    assert meena.tier == "small"
    assert browser.submit("/kyc", **DETAILS).status_code == 303
    assert request().state == "waiting"


def test_a_request_is_decided_once(browser: FreshClient, operator: UUID) -> None:
    browser.submit("/kyc", **DETAILS)
    settle(request().id, operator)

    with pytest.raises(Conflict):
        settle(request().id, operator, approve=False, reason="no")
    with pytest.raises(NotFound):
        settle(uuid4(), operator)


def test_one_pan_has_one_full_wallet(
    browser: FreshClient, make_user: MakeUser, signed_in: SignIn, operator: UUID
) -> None:
    browser.submit("/kyc", **DETAILS)
    settle(request().id, operator)
    signed_in(make_user("Somebody", tier="small")).submit("/kyc", **DETAILS)

    with pytest.raises(PanInUse):
        settle(request().id, operator)

    assert request().state == "waiting"


def test_who_is_fully_known_needs_no_form(make_user: MakeUser, signed_in: SignIn) -> None:
    browser = signed_in(make_user())

    assert 'name="pan"' not in browser.get("/kyc").text


def test_the_limits_are_shown_before_they_are_hit(
    browser: FreshClient, meena: User, make_user: MakeUser, signed_in: SignIn
) -> None:
    page = browser.get("/").text

    assert "₹10,000.00 left" in page
    assert "<meter" in page
    assert "<meter" in signed_in(make_user()).get("/").text
