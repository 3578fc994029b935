"""Passwords and PINs are hashed so that the database alone gives nobody in."""

import pytest
from flask import Flask
from pydantic import SecretStr

from batua_config.settings import Settings
from batua_db import credentials
from batua_db.errors import Unavailable

pytestmark = [pytest.mark.usefixtures("session"), pytest.mark.slow_hashing]


def test_a_password_verifies_against_its_own_hash_only() -> None:
    stored = credentials.hash_password("correct horse")

    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert credentials.verify_password(stored, "correct horse")
    assert not credentials.verify_password(stored, "correct house")


@pytest.mark.parametrize("stored", [None, "", "not a hash"])
def test_without_a_hash_nothing_verifies(stored: str | None) -> None:
    dummy = "what is compared when there is nobody to compare with"

    assert not credentials.verify_password(stored, dummy)


def test_a_pin_needs_the_pepper(settings: Settings) -> None:
    stored = credentials.hash_pin("246810")
    other = Flask("other")
    other.extensions["batua_settings"] = settings.model_copy(
        update={"PIN_PEPPER": SecretStr("another pepper, as long as the first one was")}
    )

    assert credentials.verify_pin(stored, "246810")
    assert not credentials.verify_password(stored, "246810")
    with other.app_context():
        assert not credentials.verify_pin(stored, "246810")


def test_in_a_flood_of_passwords_one_is_sent_away_and_pins_are_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stored = credentials.hash_pin("246810")
    monkeypatch.setattr(credentials, "PATIENCE", 0.01)
    for _ in range(2):
        credentials.PASSWORDS.acquire()
    try:
        with pytest.raises(Unavailable, match="Try again in a moment") as caught:
            credentials.verify_password(None, "whatever it is")
        assert credentials.verify_pin(stored, "246810")
    finally:
        credentials.PASSWORDS.release(2)

    assert caught.value.retry_after == 2
    assert not credentials.verify_password(None, "whatever it is")
