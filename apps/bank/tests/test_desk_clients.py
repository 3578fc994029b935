"""The pages of platforms: what is made there, who may do it, and that no secret comes back."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from batua_bank.clients import keys, registry, service
from batua_bank.desk.tables import DESK
from batua_config import service_token
from batua_db.database import db, transaction
from batua_db.models.bank_desk import Act
from batua_db.models.clients import Client, ClientSecret, Endpoint
from batua_db.staffing import hire
from batua_dev.client import FreshClient, fresh_client

from .platform_of import Platform, terms

pytestmark = pytest.mark.usefixtures("banks")

AtDesk = Callable[..., FreshClient]
SHOP = "/desk/clients/shop"
PASSWORD = "a lamp on every desk"


@pytest.fixture
def shop(banks: None) -> Client:
    with transaction():
        return service.make(
            "shop", name="Shop", legal_name="Shop LLP", origins=["https://shop.example"]
        )


@pytest.fixture
def developer(bank_client: FreshClient, shop: Client) -> FreshClient:
    """Somebody who builds the shop, signed in."""
    hire(DESK, "sana", name="Sana Shaikh", role="developer", client_id="shop", password=PASSWORD)
    bank_client.submit("/desk/login", username="sana", password=PASSWORD)
    return bank_client


@pytest.fixture
def press(developer: FreshClient, csrf: Callable[[str], str]) -> Callable[[str, str], Any]:
    """``press(page, action)``: the button of a page that leads to ``action``."""

    def send(shown_on: str, action: str) -> Any:
        token = csrf(developer.get(shown_on).text)
        return developer.post(action, data={"csrf_token": token})

    return send


def make_key(browser: FreshClient, overlap: str = "day") -> str:
    page = browser.submit(f"{SHOP}/keys/new", overlap=overlap)
    found = re.search(r">(whsec_[^<]+)<", page.text)
    assert found, page.text
    return found[1]


def add_endpoint(browser: FreshClient, url: str, *events: str) -> Any:
    ticked = dict.fromkeys((each.replace(".", "_") for each in events), "y")
    return browser.submit(f"{SHOP}/endpoints/new", url=url, **ticked)


def test_an_operator_takes_on_a_client(at_desk: AtDesk) -> None:
    operator = at_desk()
    made = operator.submit(
        "/desk/clients/_new", client_id="shop", name="Shop", legal_name="Shop LLP",
        origins="https://Shop.example/\r\n\r\nhttp://localhost:3000",
    )  # fmt: skip

    assert made.location == SHOP
    client = service.find("shop")
    assert client.origins == ["http://localhost:3000", "https://shop.example"]
    assert registry.platform_account("shop", "SBB") != registry.platform_account("wallet", "SBB")
    assert "No key yet" in operator.get(SHOP).text
    assert "shop" in operator.get("/desk/clients").text
    assert [act.what for act in db.session.scalars(select(Act))] == ["make_client"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"client_id": "Shop"}, "small letters"),
        ({"client_id": "wallet"}, "Another client has this id"),
        ({"origins": "http://shop.example"}, "Give an https address"),
        ({"origins": "https://shop.example/back"}, "has a path"),
        ({"name": " "}, "Give it a name"),
    ],
)
def test_what_is_unfit_is_said_beside_its_field(
    at_desk: AtDesk, changes: dict[str, str], says: str
) -> None:
    typed = {"client_id": "shop", "name": "Shop", "legal_name": "Shop LLP", "origins": ""}
    page = at_desk().submit("/desk/clients/_new", **typed | changes)

    assert page.status_code == 422
    assert says in page.text
    assert db.session.get(Client, "shop") is None


def test_a_key_is_shown_once_and_opens_the_api(developer: FreshClient) -> None:
    key = make_key(developer)

    assert Platform(developer, "shop", key).get("/banks").status_code == 200
    for page in (SHOP, f"{SHOP}/keys/new", "/desk"):
        assert key[6:] not in developer.get(page).text
    assert f"…{key[-4:]}" in developer.get(SHOP).text
    assert all(key[6:] not in str(act.details) for act in db.session.scalars(select(Act)))


def test_the_same_form_twice_makes_one_key(developer: FreshClient) -> None:
    page = developer.get(f"{SHOP}/keys/new").text
    fields = dict(re.findall(r'name="(csrf_token|key)"[^>]*value="([^"]+)"', page))
    first = developer.post(f"{SHOP}/keys/new", data=fields | {"overlap": "day"})
    again = developer.post(f"{SHOP}/keys/new", data=fields | {"overlap": "day"})

    assert (first.status_code, again.status_code) == (200, 409)
    assert "whsec_" not in again.text
    assert len(db.session.scalars(select(ClientSecret)).all()) == 1


def test_keys_are_rotated_and_retired(developer: FreshClient, press: Any) -> None:
    old, new = make_key(developer), make_key(developer)
    old_row = next(each.secret for each in keys.of("shop") if each.secret.hint == old[-4:])
    assert list(registry.secrets_of("shop")) == [new, old]

    assert press(SHOP, f"{SHOP}/keys/{old_row.id}/retire").location == SHOP
    assert list(registry.secrets_of("shop")) == [new]
    assert make_key(developer, "none") == registry.secrets_of("shop")[0]


def test_endpoints_are_added_changed_and_switched(developer: FreshClient, press: Any) -> None:
    added = add_endpoint(developer, "http://127.0.0.1:9/hooks", "payment.succeeded")
    assert added.location == SHOP
    endpoint = db.session.scalars(select(Endpoint).where(Endpoint.client_id == "shop")).one()
    assert endpoint.events == ["payment.succeeded"]
    where = f"{SHOP}/endpoints/{endpoint.id}"

    changed = developer.submit(f"{where}/change", url="http://127.0.0.1:9/new", payout_failed="y")
    assert changed.location == where
    db.session.expire_all()
    assert (endpoint.url, endpoint.events) == ("http://127.0.0.1:9/new", ["payout.failed"])
    press(where, f"{where}/disable")
    db.session.expire_all()
    assert endpoint.disabled_at
    assert "Nothing is sent here" in developer.get(where).text
    press(where, f"{where}/enable")
    db.session.expire_all()
    assert endpoint.disabled_at is None


@pytest.mark.parametrize(
    ("url", "events", "says"),
    [
        ("https://192.168.1.1/hooks", ["payment.succeeded"], "not on the public internet"),
        ("http://shop.example/hooks", ["payment.succeeded"], "Give an https address"),
        ("http://127.0.0.1:9/hooks", [], "Tick at least one"),
        ("", ["payment.succeeded"], "Fill this in"),
    ],
)
def test_an_unfit_endpoint_is_refused(
    developer: FreshClient, url: str, events: list[str], says: str
) -> None:
    page = add_endpoint(developer, url, *events)

    assert page.status_code == 422
    assert says in page.text
    assert url in page.text


def test_calls_are_read_with_what_was_sent_and_answered(developer: FreshClient) -> None:
    platform = Platform(developer, "shop", make_key(developer))
    opened = platform.post("/payment-sessions", terms("order-42"))
    platform.get("/payments/none")

    listed = developer.get(f"{SHOP}/calls?outcome=good").text
    assert "POST /payment-sessions" in listed
    assert "/payments/none" not in listed
    shown = developer.get(f"{SHOP}/calls/{opened.headers['X-Request-ID']}").text
    assert "&#34;reference&#34;: &#34;order-42&#34;" in shown
    assert opened.get_json()["url"] not in shown
    assert "/pay/•••" in shown
    assert developer.get(f"{SHOP}/calls?outcome=strange").status_code == 422


def test_the_tester_says_what_differs(developer: FreshClient, csrf: Callable[[str], str]) -> None:
    key = make_key(developer)
    page = developer.submit(
        f"{SHOP}/tester", message_id="evt_1", timestamp="1", signature="v1,AAAA", body="{}"
    )
    assert page.status_code == 200
    assert "outside the tolerance" in page.text
    assert "No key of this client’s made it" in page.text
    call = {
        "token": service_token.sign([key], "shop", method="GET", path_and_query="/api/v1/banks"),
        "method": "GET",
        "path": "/api/v1/banks",
        "key": "",
        "body": "",
        "csrf_token": csrf(page.text),
    }
    page = developer.post(f"{SHOP}/tester/call", data=call)
    assert "It verifies" in page.text
    assert key[6:] not in page.text


def test_the_wallets_page_says_where_its_keys_are(at_desk: AtDesk) -> None:
    page = at_desk().get("/desk/clients/wallet").text

    assert "Its keys come from the settings" in page
    assert "keys/new" not in page
    assert "Close" not in page
    assert at_desk("operator").submit(
        "/desk/clients/wallet/keys/new", overlap="day"
    ).status_code == 422  # fmt: skip


def test_a_client_is_closed_for_good(at_desk: AtDesk, developer: FreshClient) -> None:
    platform = Platform(developer, "shop", make_key(developer))
    at_desk().submit(f"{SHOP}/close", reason="They asked for it")

    assert platform.get("/banks").status_code == 401
    assert "This client is closed" in developer.get(SHOP).text
    assert developer.submit(f"{SHOP}/keys/new", overlap="day").status_code == 422


LOOKS = ["", "/calls", "/events"]
ACTS = ["/keys/new", "/origins", "/endpoints/new", "/replay", "/tester", "/tester/call"]


@pytest.mark.parametrize(
    ("who", "looks", "acts", "all_clients", "makes"),
    [
        ("operator", 200, 200, 200, 200),
        ("supervisor", 200, 403, 200, 403),
        ("auditor", 200, 403, 200, 403),
    ],
)
def test_staff_do_what_their_role_does(
    at_desk: AtDesk, shop: Client, who: str, looks: int, acts: int, all_clients: int, makes: int
) -> None:
    browser = at_desk(who)

    assert [browser.get(SHOP + path).status_code for path in LOOKS] == [looks] * len(LOOKS)
    assert [browser.get(SHOP + path).status_code for path in ACTS] == [acts] * len(ACTS)
    assert browser.get("/desk/clients").status_code == all_clients
    assert browser.get("/desk/clients/_new").status_code == makes
    assert ("keys/new" in browser.get(SHOP).text) == (acts == 200)


def test_a_developer_does_all_for_their_own_client_and_sees_no_other(
    developer: FreshClient, bank_app: Any
) -> None:
    assert {developer.get(SHOP + path).status_code for path in LOOKS + ACTS} == {200}
    assert {developer.get("/desk/clients/wallet" + path).status_code for path in LOOKS + ACTS} == {
        404
    }
    assert developer.get("/desk/clients").status_code == 403
    assert developer.get("/desk/clients/_new").status_code == 403
    assert developer.get(f"{SHOP}/close").status_code == 403
    assert fresh_client(bank_app).get(SHOP).location == f"/desk/login?next={SHOP}"
    assert developer.get("/desk/clients/nobody").status_code == 404


def test_no_page_of_a_client_is_a_strangers_or_another_developers(
    developer: FreshClient, bank_app: Any
) -> None:
    """Every one there is, looked at and sent to."""
    pages = [
        (re.sub(r"<uuid:\w+>", "0" * 8 + "-0000-4000-8000-" + "0" * 12, rule.rule), method)
        for rule in bank_app.url_map.iter_rules()
        if rule.endpoint.startswith("desk.clients.") and "client_id" in rule.arguments
        for method in {"GET", "POST"} & (rule.methods or set())
    ]
    assert len(pages) > 20
    stranger = fresh_client(bank_app)
    for page, method in pages:
        path = re.sub(r"<\w+>", "evt_1", page.replace("<client_id>", "wallet"))
        led = stranger.open(path, method=method).location
        assert led.startswith("/desk/login"), path
        assert developer.open(path, method=method).status_code in {403, 404}, path
