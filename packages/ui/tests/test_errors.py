"""Whatever goes wrong, the answer says what to do next, and nothing it should not."""

from collections.abc import Callable

import pytest
from flask import Flask, Response, jsonify
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from batua_ui.problems import Problem, of_status

MakeApp = Callable[..., Flask]


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


REFUSALS = [
    ("refused", 422, "refused", "You need ₹312.40 more to send this."),
    ("not-found", 404, "not_found", "There is no such payment."),
    ("conflict", 409, "conflict", "This link was used already."),
    ("gone", 410, "expired", "This payment link has expired."),
    ("too-many", 429, "too_many_requests", "Wait a minute, then try again."),
    ("unavailable", 503, "unavailable", "The bank does not answer."),
]


@pytest.mark.parametrize(("kind", "status", "code", "sentence"), REFUSALS)
def test_a_refusal_is_a_page_in_its_own_words(
    client: FlaskClient, kind: str, status: int, code: str, sentence: str
) -> None:
    response = client.get(f"/refusals/{kind}")

    assert response.status_code == status
    assert sentence in response.text
    assert of_status(status).title in response.text


@pytest.mark.parametrize(("kind", "status", "code", "sentence"), REFUSALS)
def test_a_refusal_under_api_is_json(
    client: FlaskClient, kind: str, status: int, code: str, sentence: str
) -> None:
    response = client.get(f"/api/refusals/{kind}")

    assert response.status_code == status
    field = "amount" if kind == "refused" else None
    assert response.json == {"error": {"code": code, "message": sentence, "field": field}}


@pytest.mark.parametrize("prefix", ["", "/api"])
def test_waiting_is_told_in_seconds(client: FlaskClient, prefix: str) -> None:
    assert client.get(f"{prefix}/refusals/too-many").headers["Retry-After"] == "60"
    assert client.get(f"{prefix}/refusals/unavailable").headers["Retry-After"] == "7"


@pytest.mark.parametrize("kind", ["pool", "database", "driver", "redis", "redis-slow"])
@pytest.mark.parametrize("prefix", ["", "/api"])
def test_an_outage_asks_for_patience(client: FlaskClient, prefix: str, kind: str) -> None:
    response = client.get(f"{prefix}/outages/{kind}")

    assert response.status_code == 503
    assert response.headers["Retry-After"] == "2"
    assert "Try again in a few seconds." in response.text
    assert "secret" not in response.text


def test_an_outage_while_a_page_is_drawn_is_one_too(app: Flask) -> None:
    @app.context_processor
    def someone_asks_the_database() -> dict[str, object]:
        from sqlalchemy.exc import OperationalError

        raise OperationalError("SELECT 'a secret'", {}, Exception("gone"))

    for path in ("/", "/missing", "/outages/pool"):
        response = app.test_client().get(path)
        assert response.status_code == 503
        assert "Try again in a few seconds." in response.text


@pytest.mark.parametrize(
    "code", [400, 401, 403, 404, 405, 408, 409, 410, 413, 415, 422, 429, 500, 501, 503]
)
@pytest.mark.parametrize("prefix", ["", "/api"])
def test_every_status_speaks_our_words(client: FlaskClient, prefix: str, code: int) -> None:
    response = client.get(f"{prefix}/statuses/{code}")

    assert response.status_code == code
    assert "framework" not in response.text
    if prefix:
        assert set(response.get_json()["error"]) == {"code", "message", "field"}
    else:
        assert "<h1>" in response.text


@pytest.mark.parametrize("prefix", ["", "/api"])
def test_what_breaks_names_the_request_and_nothing_else(
    app: Flask, prefix: str, caplog: pytest.LogCaptureFixture
) -> None:
    with capture_logs() as logged:
        response = app.test_client().get(f"{prefix}/broken")

    assert response.status_code == 500
    assert "secret" not in response.text
    assert "ZeroDivision" not in response.text
    (unexpected,) = [each for each in logged if each["event"] == "unexpected"]
    assert unexpected["endpoint"] == "sample.broken"
    assert unexpected["exc_info"][0] is ZeroDivisionError
    # A path may be a link that only its owner knows: no line has it, ours or Flask's.
    said = [f"{name}={value}" for each in logged for name, value in each.items()]
    assert "/broken" not in "".join(line for line in said if "exc_info" not in line) + caplog.text
    if not prefix:
        assert response.headers["X-Request-ID"] in response.text


def test_a_mistake_reaches_the_test_that_made_it(app: Flask) -> None:
    app.testing = True

    with pytest.raises(ZeroDivisionError):
        app.test_client().get("/broken")


def test_a_method_that_is_not_taken_names_those_that_are(client: FlaskClient) -> None:
    response = client.put("/healthz")

    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]


def test_a_form_without_its_token_says_what_to_do(client: FlaskClient) -> None:
    response = client.post("/send", data={"amount": "500"})

    assert response.status_code == 400
    assert "Nothing was sent" in response.text
    assert "CSRF" not in response.text


def test_the_bank_answers_in_its_own_clothes(make_app: MakeApp) -> None:
    text = make_app("bank").test_client().get("/missing").text

    assert 'data-brand="bank"' in text
    assert "Nothing is here" in text


def test_the_app_may_answer_its_api_itself(app: Flask) -> None:
    def teapot(problem: Problem, error: Exception) -> tuple[Response, int]:
        return jsonify(mine=problem.code, kind=type(error).__name__), problem.status

    app.extensions["ui_api_error"] = teapot
    response = app.test_client().get("/api/refusals/gone")

    assert response.status_code == 410
    assert response.json == {"mine": "expired", "kind": "Gone"}


def test_pages_keep_the_navigation_and_outages_do_not(client: FlaskClient) -> None:
    assert 'class="nav"' in client.get("/missing").text
    assert 'class="nav"' not in client.get("/outages/pool").text
