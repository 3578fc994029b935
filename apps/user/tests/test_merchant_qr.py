"""QR codes: they lead where they say, to show, to print and to download."""

from datetime import timedelta
from xml.etree import ElementTree

import pytest
import segno
import time_machine

from batua_db.models.payments import Merchant
from batua_db.models.wallet import User
from batua_db.money import Money
from batua_dev.client import FreshClient
from batua_user.payments import links
from batua_user.qr import drawing

from .helpers import PIN, MakeUser, SignIn
from .shops import open_shop

pytestmark = pytest.mark.usefixtures("session")


@pytest.fixture
def shop(ravi: User) -> Merchant:
    return open_shop(ravi)


@pytest.fixture
def owner(shop: Merchant, ravi: User, signed_in: SignIn) -> FreshClient:
    return signed_in(ravi)


ASK = {"amount": "250", "order_no": "a-17", "lasts": "1h"}


def test_the_picture_is_the_link_to_the_business(owner: FreshClient, shop: Merchant) -> None:
    link = f"http://localhost:3001/pay/{shop.id}"
    svg, png = owner.get("/merchant/qr.svg"), owner.get("/merchant/qr.png")

    assert svg.mimetype == "image/svg+xml"
    assert ElementTree.fromstring(svg.data).get("viewBox")  # noqa: S314  it is our own
    assert b"style=" not in svg.data
    assert svg.data == drawing.svg(link) != drawing.svg(link + "x")
    assert png.mimetype == "image/png"
    assert png.data.startswith(b"\x89PNG")
    assert png.data == drawing.png(link)
    assert 'src="/merchant/qr.svg"' in owner.get("/merchant/qr").text


def test_a_code_has_room_for_the_longest_order(shop: Merchant) -> None:
    token = links.sign(
        shop.id, amount=Money(10_00_000_00), order_no="W" * 32, lasts=timedelta(days=7)
    )
    code = segno.make_qr(links.address(shop.id, token), error="m")

    assert int(code.version) <= 14  # which a phone reads off a screen


def test_one_order_has_a_qr_of_its_own(
    owner: FreshClient, shop: Merchant, rich: User, signed_in: SignIn
) -> None:
    where = owner.submit("/merchant/qr", **ASK).location
    token = where.rpartition("/")[2]
    page = owner.get(where).text
    assert 'data-state="open"' in page
    for shown in ("A-17", "₹", "Open for"):
        assert shown in page
    link = links.address(shop.id, token)
    picture = owner.get(f"{where}/picture.svg")
    assert picture.data == drawing.svg(link)
    assert owner.get(f"{where}/picture.png").mimetype == "image/png"

    poll = f"{where}?seen=open"
    assert owner.get(poll, headers={"HX-Request": "true"}).status_code == 204
    asha = signed_in(rich)
    paying = asha.submit(link.removeprefix("http://localhost:3001"), note="").location
    asha.submit(paying, pin=PIN)

    news = owner.get(poll, headers={"HX-Request": "true"})
    assert news.status_code == 200
    assert 'data-state="paid"' in news.text
    assert "Asha Rao" in news.text
    assert "every 1s" not in news.text
    again = owner.submit("/merchant/qr", **ASK)
    assert again.status_code == 422
    assert "This order is paid already" in again.text


def test_a_qr_says_when_its_time_is_over(owner: FreshClient) -> None:
    where = owner.submit("/merchant/qr", **{**ASK, "lasts": "15m"}).location
    with time_machine.travel(timedelta(minutes=14)):
        assert 'data-state="open"' in owner.get(where).text
    with time_machine.travel(timedelta(minutes=15, seconds=1)):
        assert 'data-state="expired"' in owner.get(where).text


def test_what_lasts_longer_says_until_when(owner: FreshClient) -> None:
    where = owner.submit("/merchant/qr", **{**ASK, "lasts": "7d"}).location

    page = owner.get(where).text

    assert "Can be paid until" in page
    assert "Open for" not in page


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"order_no": ""}, "order number"),
        ({"order_no": "x" * 33}, "order number"),
        ({"order_no": "<b>"}, "order number"),
        ({"order_no": "१७"}, "order number"),
        ({"order_no": "4111 1111 1111 1111"}, "card number"),
        ({"amount": "0"}, "above zero"),
        ({"lasts": "99y"}, "Choose one of these"),
    ],
)
def test_what_cannot_be_asked_is_said(
    owner: FreshClient, typed: dict[str, str], sentence: str
) -> None:
    answer = owner.submit("/merchant/qr", **{**ASK, **typed})

    assert answer.status_code == 422
    assert sentence in answer.text


def test_a_qr_is_nobody_elses(
    owner: FreshClient, browser: FreshClient, make_user: MakeUser, signed_in: SignIn
) -> None:
    where = owner.submit("/merchant/qr", **ASK).location
    mallory = make_user("Mallory")
    open_shop(mallory, "Mallory’s")

    for other in (browser, signed_in(mallory)):
        for path in (where, f"{where}/picture.svg"):
            assert other.get(path).status_code == 404
    assert owner.get(f"{where}x").status_code == 404
