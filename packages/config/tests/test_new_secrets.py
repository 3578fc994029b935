"""An installation makes its own secrets, and production is content with them."""

from pathlib import Path

import pytest

from batua_config import new_secrets, settings
from batua_config.settings import Settings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    new_secrets.install(tmp_path)
    return tmp_path


def load(folder: Path, part: str) -> Settings:
    return Settings(_secrets_dir=folder / part, _env_file=None)  # pyright: ignore[reportCallIssue]


def test_production_takes_them(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name, raising=False)
    user, bank, migrating = (load(folder, part) for part in ("user", "bank", "user-migrate"))

    assert user.production
    assert user.secrets == bank.secrets
    assert user.secret_key != bank.secret_key
    assert user.field_keys != bank.field_keys
    assert user.pin_pepper != bank.pin_pepper
    assert user.database_url("user").endswith("@postgres:5432/batua_user")
    assert "//batua_user:" in user.database_url("user")
    assert "//batua_owner:" in migrating.migrate_url("user")


def test_no_part_has_what_is_anothers(folder: Path) -> None:
    owner = (folder / "postgres" / "OWNER_PASSWORD").read_text()
    for part in ("user", "bank", "valkey"):
        assert not any(owner in file.read_text() for file in (folder / part).iterdir())


def test_they_are_made_once(folder: Path) -> None:
    before = (folder / "user" / "SECRET_KEY").read_text()

    assert not new_secrets.install(folder)
    assert (folder / "user" / "SECRET_KEY").read_text() == before


def test_what_was_made_in_half_is_made_anew(folder: Path) -> None:
    (folder / "postgres" / "complete").unlink()

    assert new_secrets.install(folder)


def test_an_installation_grows_and_shrinks_with_the_same_secrets(folder: Path) -> None:
    before = load(folder, "user")

    new_secrets.install(folder, scaled=True)
    scaled, migrating = load(folder, "user"), load(folder, "user-migrate")
    logins = (folder / "pgbouncer" / "userlist.txt").read_text()
    new_secrets.install(folder)

    assert scaled.secret_key == before.secret_key
    assert scaled.DATABASE_POOLED
    assert scaled.database_url("user").endswith("@pgbouncer:6432/batua_user")
    assert str(scaled.read_url("user")).endswith("@replica:5432/batua_user")
    assert "//batua_owner:" in migrating.migrate_url("user")
    assert migrating.migrate_url("user").endswith("@postgres:5432/batua_user")
    assert f'"batua_bank" "{(folder / "postgres" / "BANK_PASSWORD").read_text()}"' in logins
    assert load(folder, "user") == before
    assert before.read_url("user") is None


def test_containers_have_them_where_they_are_looked_for() -> None:
    assert Path("/run/secrets") == settings.FILES
