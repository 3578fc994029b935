"""What is turned away before any view sees it."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

MakeApp = Callable[..., Flask]

HERE = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def client(make_app: MakeApp) -> FlaskClient:
    app: Flask = make_app(WTF_CSRF_ENABLED=False, ORIGIN_EXEMPT={"sample.refuse"})
    return app.test_client()


@pytest.mark.parametrize(
    "headers",
    [
        {},  # a program
        HERE,
        {"Origin": "http://localhost:3001"},  # as settings name it
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_forms_from_here_are_taken(client: FlaskClient, headers: dict[str, str]) -> None:
    assert client.post("/send", headers=headers).status_code == 422


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://localhost:3002"},  # the bank has no business here either
        {"Origin": "http://localhost.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
    ],
)
@pytest.mark.parametrize("path", ["/send", "/missing"])
def test_forms_from_elsewhere_are_not(
    client: FlaskClient, path: str, headers: dict[str, str]
) -> None:
    response = client.post(path, headers=headers)

    assert response.status_code == 403
    assert "sent from another site" in response.text


def test_links_from_elsewhere_lead_here(client: FlaskClient) -> None:
    headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}

    assert client.get("/send", headers=headers).status_code == 200


def test_an_exempt_endpoint_takes_every_origin(client: FlaskClient) -> None:
    response = client.post("/refusals/gone", headers={"Origin": "https://evil.example"})

    assert response.status_code == 410


def test_a_name_that_comes_twice_is_refused(client: FlaskClient) -> None:
    twice = client.post("/send", data={"amount": ["1", "2"]})

    assert twice.status_code == 400
    assert "sent twice over" in twice.text
    assert client.get("/?a=1&a=2").status_code == 400
    assert client.get("/?a=1&b=2").status_code == 200
    assert client.post("/send?amount=1", data={"amount": "2"}).status_code == 422


def test_a_body_of_more_than_64_kib_is_refused(client: FlaskClient) -> None:
    assert client.post("/send", data={"note": "x" * 70_000}).status_code == 413
    assert client.post("/send", data={"note": "x" * 60_000}).status_code == 422


@pytest.mark.parametrize("where", ["/send?to=%00", "/send?%00=to", "/send?a=1&b=x%00y"])
def test_zero_bytes_in_an_address_are_refused(client: FlaskClient, where: str) -> None:
    response = client.get(where)

    assert response.status_code == 400
    assert "can’t be read" in response.text


def test_zero_bytes_in_a_form_are_refused(client: FlaskClient) -> None:
    assert client.post("/send", data={"note": "a\0b"}).status_code == 400
