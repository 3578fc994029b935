"""Whether the process serves, whether it is ready to, and how it fares."""

from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from flask import Flask
from prometheus_client import REGISTRY
from pydantic import SecretStr
from redis import Redis
from sqlalchemy import text

from batua_config import redis as redis_client
from batua_config.settings import Settings
from batua_db import database
from batua_db.database import db
from batua_dev.testing import Committed
from batua_ui import draining, health

MakeApp = Callable[..., Flask]


@pytest.fixture
def ready(make_app: MakeApp, committed: Committed, settings: Settings) -> Generator[Flask]:
    """An app with a migrated database and Redis."""
    app: Flask = make_app(settings=settings)
    database.configure(app, settings.database_url("user"))
    app.extensions["redis"] = redis_client.connect(settings)
    yield app
    with app.app_context():
        db.engine.dispose()
    app.extensions["redis"].close()


def nowhere(settings: Settings) -> Redis:
    return redis_client.connect(
        settings.model_copy(update={"REDIS_URL": SecretStr("redis://127.0.0.1:1/0")})
    )


def test_serving_needs_nothing(app: Flask) -> None:
    response = app.test_client().get("/healthz")

    assert (response.status_code, response.json) == (200, {"status": "ok"})


def test_ready_when_all_is_there(ready: Flask) -> None:
    response = ready.test_client().get("/readyz")

    assert (response.status_code, response.json) == (200, {"status": "ok"})


def test_not_ready_without_redis(ready: Flask, settings: Settings) -> None:
    ready.extensions["redis"] = nowhere(settings)
    response = ready.test_client().get("/readyz")

    assert (response.status_code, response.get_json()["missing"]) == (503, ["redis"])
    assert response.headers["Retry-After"] == "2"


def test_not_ready_before_the_last_migration(ready: Flask, committed: Committed) -> None:
    from sqlalchemy import create_engine

    engine = create_engine(committed.admin_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(text("UPDATE public.alembic_version SET version_num = '0000'"))
    assert ready.test_client().get("/readyz").get_json()["missing"] == ["migrations"]

    with engine.begin() as connection:
        connection.execute(text("DROP TABLE public.alembic_version"))
    assert ready.test_client().get("/readyz").get_json()["missing"] == ["migrations"]
    engine.dispose()


def test_not_ready_without_a_database(make_app: MakeApp, settings: Settings) -> None:
    app: Flask = make_app(settings=settings)
    database.configure(app, "postgresql+psycopg://nobody@127.0.0.1:1/none")
    app.extensions["redis"] = nowhere(settings)

    response = app.test_client().get("/readyz")

    assert (response.status_code, response.get_json()["missing"]) == (503, ["database", "redis"])
    assert app.test_client().get("/healthz").status_code == 200


def test_figures_count_endpoints_and_never_paths(app: Flask) -> None:
    client = app.test_client()
    client.get("/refusals/gone?secret=1")
    client.get("/no/such/path")

    figures = client.get("/metrics")

    assert figures.mimetype == "text/plain"
    assert (
        'batua_requests_total{app="wallet",endpoint="sample.refuse",method="GET",status="410"}'
        in figures.text
    )
    assert 'endpoint="none"' in figures.text
    assert 'batua_request_seconds_bucket{app="wallet",endpoint="sample.refuse"' in figures.text
    assert "/no/such/path" not in figures.text
    assert "secret" not in figures.text


def test_an_app_that_is_about_to_end_says_so(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = app.test_client()
    before = browser.get("/healthz")
    monkeypatch.setattr(draining, "_byte", bytearray(1))
    draining.begin()

    after = browser.get("/healthz")

    assert (before.status_code, after.status_code) == (200, 503)
    assert after.json == {"status": "draining"}


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("10.1.2.3", {}),
        ("", {}),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}),
        ("127.0.0.1", {"Forwarded": "for=127.0.0.1"}),
    ],
)
def test_figures_are_for_this_machine_alone(
    app: Flask, address: str, headers: dict[str, str]
) -> None:
    response = app.test_client().get(
        "/metrics", headers=headers, environ_overrides={"REMOTE_ADDR": address}
    )

    assert response.status_code == 404


def test_workers_add_their_figures_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert health._registry() is REGISTRY

    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))

    assert health._registry() is not REGISTRY
