"""The API's description and manual: valid, complete, and true, example by example."""

import json
import re
from http import HTTPStatus
from typing import Any

import pytest
from flask import Flask
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from batua_bank.api import docs
from batua_config.current import EXTENSION
from batua_config.settings import Settings

from . import documented

pytestmark = pytest.mark.usefixtures("banks")

READS = [
    *("/banks", "/payment-sessions/{session_id}", "/payments", "/payments/{payment_id}"),
    *("/payments/{payment_id}/refunds", "/payouts", "/payouts/{payout_id}", "/settlement"),
    *("/settlement/entries", "/settlement/files", "/settlement/files/{bank}/{day}"),
    *("/consents", "/consents/{consent_id}", "/seals", "/events", "/events/{event_id}"),
]
WRITES = [
    *("/payment-sessions", "/payments/{payment_id}/refunds", "/payouts", "/account-checks"),
    *("/payments", "/consents/{consent_id}/revoke", "/seals"),
]
# Those that write once under their key.
REPLAYED = {path for path in WRITES if path != "/account-checks"}
CALLS = [("get", path) for path in READS] + [("post", path) for path in WRITES]


@pytest.fixture
def description(bank_client: Any) -> dict[str, Any]:
    """What is served at ``/api/openapi.json``."""
    return bank_client.get("/api/openapi.json").get_json()


@pytest.fixture
def there(
    banks: None, bank_app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wallet is where the examples have it, and has money."""
    moved = settings.model_copy(update={"USER_APP_URL": documented.ORIGIN})
    monkeypatch.setitem(bank_app.extensions, EXTENSION, moved)
    documented.fund()


def resolved(description: dict[str, Any], response: dict[str, Any]) -> dict[str, Any]:
    name = response.get("$ref", "").rpartition("/")[2]
    return description["components"]["responses"][name] if name else response


def conforms(description: dict[str, Any], schema: dict[str, Any], value: Any) -> None:
    whole = {**schema, "components": description["components"]}
    errors = [error.message for error in OAS31Validator(whole).iter_errors(value)]
    assert errors == []


def shape(value: Any) -> Any:
    """The names in an answer, without what stands under them."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    return [shape(each) for each in value[:1]] if isinstance(value, list) else None


def test_it_is_valid_and_names_every_call(description: dict[str, Any]) -> None:
    assert description["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(description).iter_errors()) == []
    named = [
        (method, path.removeprefix("/api/v1"))
        for path, operations in description["paths"].items()
        for method in operations
        if method in {"get", "post"}
    ]
    assert sorted(named) == sorted(CALLS)


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_every_answer_is_described_with_an_example_and_headers(
    description: dict[str, Any], method: str, path: str
) -> None:
    responses = description["paths"][f"/api/v1{path}"][method]["responses"]

    assert {"400", "401", "429", "503", "default"} < set(responses)
    names_something = "{" in path or (method, path) == ("post", "/payments")
    assert ("404" in responses) == names_something
    if method == "post":
        assert {"413", "415", "422"} < set(responses)
    for status, response in responses.items():
        told = resolved(description, response)
        (content,) = told["content"].values()
        if status == "default":
            continue
        assert "X-Request-ID" in told["headers"]
        assert ("Retry-After" in told["headers"]) == (status in {"429", "503"})
        replayed = method == "post" and path in REPLAYED and status in {"200", "201"}
        assert ("Idempotent-Replay" in told["headers"]) == replayed
        conforms(description, content["schema"], content["example"])


@pytest.mark.usefixtures("there")
@pytest.mark.parametrize(("method", "path"), CALLS)
def test_every_example_runs_and_answers_as_it_says(
    api: Any, description: dict[str, Any], method: str, path: str
) -> None:
    if method == "get" or "{" in path or path == "/payments":
        documented.happen(refunded=method == "get")
    whole = description["paths"][f"/api/v1{path}"]
    operation = whole[method]
    address = docs.example_path(path, operation, whole)
    if method == "get":
        answer = api.get(address)
    else:
        sent = operation["requestBody"]["content"]["application/json"]
        conforms(description, sent["schema"], sent["example"])
        answer = api.post(address, sent["example"])

    told = operation["responses"][str(answer.status_code)]
    assert answer.status_code in {200, 201}, answer.text
    content = told["content"][answer.mimetype]
    said = answer.get_json() if answer.is_json else answer.text
    conforms(description, content["schema"], said)
    if path not in {"/seals"}:  # the bank has sealed nothing here
        assert shape(said) == shape(content["example"])
    assert {"X-Request-ID"} <= set(answer.headers.keys())


def test_the_manual_shows_each_call_and_each_example(
    bank_client: Any, description: dict[str, Any]
) -> None:
    page = bank_client.get("/api/docs")

    assert page.status_code == 200
    for path, operations in description["paths"].items():
        for method in operations.keys() & {"get", "post"}:
            shown = docs.example_path(path, operations[method], operations)
            assert f"{method.upper()} {shown}" in page.text.replace("&amp;", "&")
    for status in ("400", "401", "404", "409", "413", "415", "422", "429", "503"):
        assert f'<th scope="row">{status}</th>' in page.text
        assert HTTPStatus(int(status))


def test_the_manuals_own_examples_run(api: Any, bank_client: Any) -> None:
    page = bank_client.get("/api/docs").text
    blocks = re.findall(r"<pre><code>(.*?)</code></pre>", page, re.DOTALL)
    told = [block for block in blocks if "URLSafeTimedSerializer" in block]

    assert len(told) == 1
    code = told[0].replace("&#34;", '"').replace("&#39;", "'")
    names: dict[str, Any] = {"SECRET": api.settings.secrets[0], "body": b"", "key": ""}
    exec(code, names)  # noqa: S102
    assert api.client.get("/api/v1/banks", headers=names["headers"]).status_code == 200
    assert json.loads(json.dumps(names["token"]))
