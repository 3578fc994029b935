"""An installation makes its own secrets, and production is content with them."""

from pathlib import Path

import pytest

from batua_config import new_secrets, settings
from batua_config.settings import Settings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    new_secrets.write(tmp_path, new_secrets.of_an_installation())
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

    assert not new_secrets.write(folder, new_secrets.of_an_installation())
    assert (folder / "user" / "SECRET_KEY").read_text() == before


def test_what_was_made_in_half_is_made_anew(folder: Path) -> None:
    (folder / "postgres" / "complete").unlink()

    assert new_secrets.write(folder, new_secrets.of_an_installation())


def test_containers_have_them_where_they_are_looked_for() -> None:
    assert Path("/run/secrets") == settings.FILES
