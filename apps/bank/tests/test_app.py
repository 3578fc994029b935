"""The app as a whole: what is private, what it is made of, and how it starts."""

import json
import re
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask, request
from pydantic import SecretStr
from werkzeug.routing import Rule

from batua_bank import access, create_app
from batua_config.settings import Settings, SettingsError
from batua_dev.client import FreshClient, fresh_client
from batua_dev.testing import Committed
from batua_ui.desk import guard

METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
CHARGED = re.compile(r"<(?:\w+:)?(\w+)>")


def address(rule: Rule) -> str:
    samples = {"token": "x" * 43, "filename": "batua.css"}
    return CHARGED.sub(lambda name: samples.get(name[1], str(uuid4())), rule.rule)


@pytest.mark.usefixtures("banks")
def test_every_page_is_private_unless_listed(bank_app: Flask) -> None:
    seen: set[str] = set()
    for rule in bank_app.url_map.iter_rules():
        for method in METHODS & (rule.methods or set()):
            answer = fresh_client(bank_app).open(address(rule), method=method)
            answer.close()
            seen.add(rule.endpoint)
            if rule.endpoint.startswith("api."):
                assert answer.status_code in {401, 415}, rule
            elif rule.endpoint in access.PUBLIC | guard.OPEN:
                assert answer.location is None or rule.endpoint == "pay.sign_in", rule
            else:
                assert answer.status_code == 303, rule
                assert re.match(r"/login|/pay/x|/desk/login", answer.location or ""), rule

    assert seen >= access.PUBLIC
    assert {"accounts.overview", "accounts.account", "pay.approve", "auth.sign_out"} <= seen


def test_what_strangers_may_see_is_known_by_name(bank_app: Flask) -> None:
    assert sorted(access.PUBLIC) == [
        "api-docs.openapi_json",
        "auth.sign_in",
        "docs.docs",
        "pay.show",
        "pay.sign_in",
        "ui.gallery",
        "ui.healthz",
        "ui.metrics",
        "ui.readyz",
        "ui.static",
    ]


@pytest.mark.usefixtures("banks")
def test_pages_carry_the_guards(bank_client: FreshClient, customer: Any, api: Any) -> None:
    for answer in (
        bank_client.get("/login"),
        bank_client.get(api.ask()["path"]),
        bank_client.get("/nowhere"),
        customer().get("/accounts"),
    ):
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Request-ID"]
        assert not re.search(r"<script>|<style|style=|onclick|\bon\w+=\"", answer.text)


def test_another_host_is_refused(bank_client: FreshClient) -> None:
    assert bank_client.get("/login", headers={"Host": "evil.example"}).status_code == 400


class TestOpenApi:
    @pytest.fixture
    def spec(self, bank_client: FreshClient, session: Any) -> dict[str, Any]:
        return bank_client.get("/api/openapi.json").get_json()

    def test_every_call_is_described_with_an_example(
        self, bank_app: Flask, spec: dict[str, Any]
    ) -> None:
        rules = [r for r in bank_app.url_map.iter_rules() if r.endpoint.startswith("api.")]
        paths = {CHARGED.sub(r"{\1}", rule.rule) for rule in rules}

        assert spec["openapi"].startswith("3.")
        assert set(spec["paths"]) == paths
        for path, operations in spec["paths"].items():
            for method in {"get", "post"} & set(operations):
                self.is_described(operations[method], f"{method} {path}", writes=method == "post")

    def is_described(self, operation: dict[str, Any], name: str, *, writes: bool) -> None:
        (success,) = [code for code in operation["responses"] if code.startswith("2")]
        (answer,) = operation["responses"][success]["content"].values()
        assert operation["summary"].endswith("."), name
        assert {"schema", "example"} <= set(answer), name
        assert "default" in operation["responses"], name
        if writes:
            sent = operation["requestBody"]["content"]["application/json"]
            assert {"schema", "example"} <= set(sent), name

    def test_every_reference_leads_somewhere(self, spec: dict[str, Any]) -> None:
        for reference in re.findall(r'"\$ref": ?"#/([^"]+)"', json.dumps(spec)):
            here: Any = spec
            for step in reference.split("/"):
                here = here[step]

    def test_the_manual_shows_every_call(
        self, bank_client: FreshClient, spec: dict[str, Any]
    ) -> None:
        page = bank_client.get("/api/docs")

        assert page.status_code == 200
        for path, operations in spec["paths"].items():
            for method in {"get", "post"} & set(operations):
                assert f"{method.upper()} {path}" in page.text
        assert "<script>" not in page.text

    @pytest.mark.usefixtures("banks")
    def test_an_answer_has_the_fields_of_its_example(self, api: Any, spec: dict[str, Any]) -> None:
        operation = spec["paths"]["/api/v1/payment-sessions"]["post"]
        example = operation["responses"]["201"]["content"]["application/json"]["example"]
        asked = api.ask()

        assert {name: type(value) for name, value in example.items()} == {
            name: type(value) for name, value in asked.items() if name != "path"
        }


def production(settings: Settings, url: str, **changes: Any) -> Settings:
    real = {
        "APP_ENV": "production",
        "DATABASE_URL": SecretStr(url),
        "BANK_APP_URL": "https://bank.example",
        "USER_APP_URL": "https://batua.example",
        **changes,
    }
    return settings.model_copy(update=real)


def test_production_has_secure_cookies_and_no_gallery(
    settings: Settings, committed: Committed
) -> None:
    app = create_app(production(settings, committed.url))
    client = fresh_client(app)
    page = client.get("/login", base_url="https://bank.example")

    cookie = page.headers["Set-Cookie"]
    assert cookie.startswith("__Host-batua_bank=")
    assert "Secure" in cookie
    assert "Domain" not in cookie
    assert page.headers["Strict-Transport-Security"]
    assert client.get("/dev/gallery", base_url="https://bank.example").status_code == 404
    assert client.get("/login", base_url="https://localhost").status_code == 400


def test_production_refuses_a_role_that_can_write_the_ledger(
    settings: Settings, committed: Committed
) -> None:
    with pytest.raises(SettingsError, match="can write the ledger"):
        create_app(production(settings, committed.owner_url))


@pytest.mark.parametrize(("hops", "address"), [(0, "127.0.0.1"), (1, "5.6.7.8"), (2, "1.2.3.4")])
def test_addresses_are_taken_from_proxies_only_where_told(
    settings: Settings, hops: int, address: str
) -> None:
    app = create_app(settings.model_copy(update={"PROXY_HOPS": hops}))
    seen: list[str | None] = []
    app.before_request_funcs[None].insert(0, lambda: seen.append(request.remote_addr))
    fresh_client(app).get("/healthz", headers={"X-Forwarded-For": "1.2.3.4, 5.6.7.8"})

    assert seen == [address]
