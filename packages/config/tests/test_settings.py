"""Settings are typed, complete in ``.env.example``, and tell nobody a secret."""

import base64
import re
import secrets
from pathlib import Path

import pytest

from batua_config import settings as module
from batua_config.settings import Settings, SettingsError

ROOT = Path(__file__).parents[3]
NAMES = ("SECRET_KEY", "SECRET", "FIELD_KEYS", "PIN_PEPPER")


def whsec(size: int = 32) -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(size)).decode()


def strong() -> dict[str, str]:
    keys = {name: secrets.token_urlsafe(32) for name in NAMES}
    return keys | {"SECRET": whsec(), "APP_ENV": "production"}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """An environment with none of our variables, and no ``.env``."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return monkeypatch


def load(environment: pytest.MonkeyPatch, **values: str) -> Settings:
    for name, value in values.items():
        environment.setenv(name, value)
    return Settings.load()


def test_the_example_lists_every_setting_and_no_other() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    listed = [line.partition("=")[0] for line in lines if line and not line.startswith("#")]

    assert listed == list(Settings.model_fields)


def test_the_example_loads_in_development(environment: pytest.MonkeyPatch) -> None:
    Path(".env").write_text((ROOT / ".env.example").read_text())

    settings = Settings.load()

    assert settings.APP_ENV == "development"
    assert settings.public_url("user") == "http://localhost:3001"


def test_production_is_the_default(environment: pytest.MonkeyPatch) -> None:
    assert load(environment, **{k: v for k, v in strong().items() if k != "APP_ENV"}).production


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", ["", "   ", "short", "example"])
def test_production_refuses_a_poor_secret_and_names_it(
    environment: pytest.MonkeyPatch, name: str, value: str
) -> None:
    examples = dict(re.findall(r"^(\w+)=(.+)$", (ROOT / ".env.example").read_text(), re.MULTILINE))
    if value == "example":
        value = examples[name]
    elif value == "short":
        value = whsec(16) if name == "SECRET" else "a-short-one"

    with pytest.raises(SettingsError, match=rf"^{name} ") as caught:
        load(environment, **strong() | {name: value})
    assert not value.strip() or value not in str(caught.value)


def test_production_refuses_one_poor_secret_among_several(environment: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match=r"^SECRET "):
        load(environment, **strong() | {"SECRET": f"{whsec()} {module.EXAMPLE_SECRET}"})


@pytest.mark.parametrize("secret", ["plain-text-that-is-long-enough-for-anybody", "whsec_%%%"])
def test_a_shared_secret_has_its_form(environment: pytest.MonkeyPatch, secret: str) -> None:
    with pytest.raises(SettingsError, match=r"^SECRET "):
        load(environment, **strong() | {"SECRET": secret})


def test_nothing_that_can_be_printed_shows_a_secret(environment: pytest.MonkeyPatch) -> None:
    values = strong() | {
        "DATABASE_URL": "postgres://a:hunter2@db/x",
        "REDIS_URL": "redis://:hunter3@r/0",
    }
    settings = load(environment, **values)

    printed = f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"

    assert not [name for name in NAMES if values[name] in printed]
    assert "hunter" not in printed


def test_an_unfit_value_is_named_without_its_text(environment: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match="USER_PORT") as caught:
        load(environment, **strong() | {"USER_PORT": "s3cret"})
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_each_app_may_have_its_own_database(environment: pytest.MonkeyPatch, scheme: str) -> None:
    settings = load(
        environment,
        **strong()
        | {"DATABASE_URL": f"{scheme}://db/both", "BANK_DATABASE_URL": f"{scheme}://db/bank"},
    )

    assert settings.database_url("user") == "postgresql+psycopg://db/both"
    assert settings.database_url("bank") == "postgresql+psycopg://db/bank"
    assert settings.migrate_url("bank") == "postgresql+psycopg://db/bank"


def test_migrations_may_have_the_owners_connection(environment: pytest.MonkeyPatch) -> None:
    settings = load(
        environment,
        **strong()
        | {"DATABASE_URL": "postgres://db/a", "MIGRATE_USER_DATABASE_URL": "postgres://owner@db/a"},
    )

    assert settings.migrate_url("user") == "postgresql+psycopg://owner@db/a"
    assert settings.migrate_url("bank") == "postgresql+psycopg://db/a"


def test_a_replica_is_read_only_where_there_is_one(environment: pytest.MonkeyPatch) -> None:
    settings = load(
        environment,
        **strong()
        | {"DATABASE_URL": "postgres://db/a", "BANK_READ_DATABASE_URL": "postgres://r/b"},
    )

    assert settings.read_url("user") is None
    assert settings.read_url("bank") == "postgresql+psycopg://r/b"


def test_a_missing_database_is_named(environment: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL is not set"):
        load(environment, **strong()).database_url("user")


def test_addresses_follow_the_ports(environment: pytest.MonkeyPatch) -> None:
    settings = load(
        environment, **strong() | {"USER_PORT": "4001", "BANK_APP_URL": "https://bank.example/"}
    )

    assert settings.public_url("user") == "http://localhost:4001"
    assert settings.public_url("bank") == "https://bank.example"
    assert (settings.cookie_secure("user"), settings.cookie_secure("bank")) == (False, True)


def test_the_apps_reach_each_other_under_a_name_only_browsers_resolve(
    environment: pytest.MonkeyPatch,
) -> None:
    settings = load(environment, **strong() | {"USER_APP_URL": "http://wallet.localhost:4001"})

    assert settings.internal_url("user") == "http://127.0.0.1:4001"
    assert settings.public_url("user") == "http://wallet.localhost:4001"


@pytest.mark.parametrize("url", ["batua.example", "ftp://batua.example", "https://b.example/path"])
def test_an_address_is_an_origin(environment: pytest.MonkeyPatch, url: str) -> None:
    with pytest.raises(SettingsError, match="USER_APP_URL"):
        load(environment, **strong() | {"USER_APP_URL": url})


def test_production_trusts_its_own_name_only(environment: pytest.MonkeyPatch) -> None:
    settings = load(environment, **strong() | {"USER_APP_URL": "https://batua.example"})

    assert set(settings.trusted_hosts("user")) == {"batua.example", "127.0.0.1"}
