"""What every answer carries, whatever it is."""

import re
from collections.abc import Callable
from io import BytesIO

import pytest
from flask import Flask, Response
from werkzeug.test import EnvironBuilder, run_wsgi_app

from batua_config.settings import Settings
from batua_dev.testing import TestSettings

MakeApp = Callable[..., Flask]

PATHS = [
    "/",
    "/send",
    "/healthz",
    "/dev/gallery",
    "/missing",
    "/refusals/not-found",
    "/outages/pool",
    "/api/refusals/gone",
    "/static-missing",
    "/ui/missing.css",
    "/ui/icons.svg",
]
EXPECTED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Server": "batua",
}


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_is_guarded(app: Flask, path: str) -> None:
    response = app.test_client().get(path, buffered=True)

    assert EXPECTED.items() <= dict(response.headers).items()
    assert "camera=()" in response.headers["Permissions-Policy"]
    assert re.fullmatch(r"[0-9a-f]{32}", response.headers["X-Request-ID"])
    assert "Strict-Transport-Security" not in response.headers
    assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.parametrize("path", PATHS)
def test_the_policy_allows_our_own_files_and_nothing_else(app: Flask, path: str) -> None:
    policy = dict(
        part.strip().split(" ", 1)
        for part in app.test_client()
        .get(path, buffered=True)
        .headers["Content-Security-Policy"]
        .split(";")
    )

    assert policy.pop("form-action") == "'self' http://localhost:3002"
    assert policy.pop("default-src") == "'none'"
    assert policy.pop("base-uri") == "'none'"
    assert policy.pop("frame-ancestors") == "'none'"
    assert set(policy.values()) == {"'self'"}


def test_the_bank_may_lead_back_to_the_wallet(make_app: MakeApp) -> None:
    response = make_app("bank").test_client().get("/")

    assert "form-action 'self' http://localhost:3001" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", [path for path in PATHS if not path.startswith("/ui/")])
def test_pages_are_never_kept(app: Flask, path: str) -> None:
    response = app.test_client().get(path, buffered=True)

    assert response.headers["Cache-Control"] == "no-store"
    assert "Cookie" in response.vary


def test_static_files_are_kept_for_good_under_their_hash(app: Flask) -> None:
    client = app.test_client()
    page = client.get("/").text
    addresses = set(re.findall(r'(?:href|src)="(/ui/[^"#]+)', page))

    assert len(addresses) == 5  # stylesheet, sprite, mark, two scripts
    for address in addresses:
        response = client.get(address, buffered=True)
        assert response.status_code == 200
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert "Cookie" not in response.vary
        assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("path", ["/ui/batua.css", "/ui/batua.css?v=000000000000", "/ui/nothing"])
def test_static_files_under_another_address_are_asked_for_again(app: Flask, path: str) -> None:
    assert app.test_client().get(path, buffered=True).headers["Cache-Control"] == "no-cache"


def test_the_stylesheet_is_css_and_the_sprite_svg(app: Flask) -> None:
    client = app.test_client()

    assert client.get("/ui/batua.css", buffered=True).mimetype == "text/css"
    assert client.get("/ui/icons.svg", buffered=True).mimetype == "image/svg+xml"
    assert client.get("/ui/batua.js", buffered=True).mimetype == "text/javascript"


@pytest.mark.parametrize("given", ["abc-DEF_12345678", "0" * 64])
def test_a_sane_request_id_is_taken_over(app: Flask, given: str) -> None:
    response = app.test_client().get("/", headers={"X-Request-ID": given})

    assert response.headers["X-Request-ID"] == given


@pytest.mark.parametrize(
    "given", ["", "short", "x" * 65, "abc def 12345", "<script>1234</script>", "१२३४५६७८९"]
)
def test_any_other_request_id_is_replaced(app: Flask, given: str) -> None:
    response = app.test_client().get("/", environ_overrides={"HTTP_X_REQUEST_ID": given})

    assert re.fullmatch(r"[0-9a-f]{32}", response.headers["X-Request-ID"])


def test_https_is_for_good(make_app: MakeApp) -> None:
    settings: Settings = TestSettings(APP_ENV="development", USER_APP_URL="https://batua.example")

    response = make_app(settings=settings).test_client().get("/")

    assert response.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_our_hook_runs_after_the_apps_own(app: Flask) -> None:
    def careless(response: Response) -> Response:
        response.headers["Cache-Control"] = "public"
        return response

    app.after_request(careless)

    assert app.test_client().get("/").headers["Cache-Control"] == "no-store"


def test_a_host_that_is_not_ours_gets_no_page(app: Flask) -> None:
    response = app.test_client().get("/", headers={"Host": "evil.example"})

    assert response.status_code == 400
    assert "evil" not in response.text
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_what_nobody_asked_for_is_read_all_the_same(app: Flask) -> None:
    sent = BytesIO(b"amount=1" * 100)
    builder = EnvironBuilder("/nowhere", method="POST", input_stream=sent, content_length=800)

    status = run_wsgi_app(app, builder.get_environ())[1]

    assert status == "404 NOT FOUND"
    assert sent.tell() == 800


def test_more_than_may_be_sent_is_not_read(app: Flask) -> None:
    sent = BytesIO(b"x" * 100_000)
    builder = EnvironBuilder("/nowhere", method="POST", input_stream=sent, content_length=100_000)

    assert run_wsgi_app(app, builder.get_environ())[1] == "413 REQUEST ENTITY TOO LARGE"
    assert sent.tell() == 0
