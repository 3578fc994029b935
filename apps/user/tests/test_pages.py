"""Who may see what: private unless listed, and what is another's is not there."""

from uuid import uuid4

import pytest
from flask import Flask

from batua_dev.client import FreshClient
from batua_ui.desk.guard import OPEN
from batua_user.access import PUBLIC

from .helpers import MakeUser, SignIn

pytestmark = pytest.mark.usefixtures("session")

SAMPLES = {"filename": "x", "code": "TARANG", "kind": "svg"}  # what no uuid fills in


def paths(app: Flask) -> list[tuple[str, str, str]]:
    """Every route that there is, filled in: endpoint, method, path."""
    with app.test_request_context():
        adapter = app.create_url_adapter(None) or app.url_map.bind("localhost")
        return [
            (
                rule.endpoint,
                method,
                adapter.build(
                    rule.endpoint,
                    {name: SAMPLES.get(name) or uuid4() for name in rule.arguments},
                    method=method,
                    force_external=False,
                ),
            )
            for rule in app.url_map.iter_rules()
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        ]


def test_every_page_is_private_unless_listed(user_app: Flask, user_client: FreshClient) -> None:
    for endpoint, method, path in paths(user_app):
        if endpoint in PUBLIC | OPEN:
            continue
        answer = user_client.open(path, method=method)

        assert answer.status_code == 303, (endpoint, method, path)
        door = "/desk/login" if endpoint.startswith("desk.") else "/login"
        assert answer.location.startswith(door), (endpoint, method, path)


def test_the_public_list_names_only_what_there_is(user_app: Flask) -> None:
    there_are = {endpoint for endpoint, _, _ in paths(user_app)}

    assert there_are >= PUBLIC | OPEN


@pytest.mark.parametrize(
    "path", ["/", "/login", "/register", "/healthz", "/readyz", "/dev/messages", "/dev/gallery"]
)
def test_strangers_see_the_public_pages(user_client: FreshClient, path: str) -> None:
    assert user_client.get(path).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/add-money",
        "/send",
        "/pay",
        "/activity",
        "/settings",
        "/settings/pin",
        "/dev/messages",
    ],
)
def test_people_see_their_pages(make_user: MakeUser, signed_in: SignIn, path: str) -> None:
    for person in (make_user(funds="500"), make_user(pin=False, tier="small")):
        assert signed_in(person).get(path).status_code == 200


def test_an_unknown_page_is_404_for_everybody(
    user_client: FreshClient, make_user: MakeUser, signed_in: SignIn
) -> None:
    assert user_client.get("/nowhere").status_code == 404
    assert signed_in(make_user()).get("/nowhere").status_code == 404


def test_a_part_of_a_page_sends_the_whole_page_to_sign_in(user_client: FreshClient) -> None:
    answer = user_client.get("/activity", headers={"HX-Request": "true"})

    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/login?next=/"


def test_nothing_is_kept_by_caches(make_user: MakeUser, signed_in: SignIn) -> None:
    answer = signed_in(make_user()).get("/")

    assert answer.headers["Cache-Control"] == "no-store"
    assert "Cookie" in answer.headers["Vary"]


def test_every_template_compiles(user_app: Flask) -> None:
    for name in user_app.jinja_env.list_templates(extensions=["html"]):
        user_app.jinja_env.get_template(name)


def test_what_people_type_is_shown_as_text(
    make_user: MakeUser, signed_in: SignIn, user_client: FreshClient
) -> None:
    name = "<script>alert(1)</script> O'Brien"
    browser = signed_in(make_user(name, funds="10"))

    for path in ("/", "/settings", "/activity"):
        page = browser.get(path).text
        assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; O&#39;Brien" in browser.get("/settings").text
