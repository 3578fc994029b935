"""Personal data is sealed, found by its fingerprint, and follows the keys."""

import base64

import pytest
from flask import Flask
from flask.ctx import AppContext
from pydantic import SecretStr

from batua_config.current import EXTENSION
from batua_config.settings import Settings
from batua_db import fields

OLD, NEW = (base64.urlsafe_b64encode(bytes([n]) * 32).decode() for n in (1, 2))


def keyed(settings: Settings, *keys: str) -> AppContext:
    """An app that has these keys."""
    app = Flask("keyed")
    app.extensions[EXTENSION] = settings.model_copy(
        update={"FIELD_KEYS": SecretStr(" ".join(keys))}
    )
    return app.app_context()


def test_what_is_sealed_is_revealed_and_looks_like_nothing(settings: Settings) -> None:
    with keyed(settings, OLD):
        sealed = fields.seal("ABCPR1234F")

        assert fields.reveal(sealed) == "ABCPR1234F"
        assert b"ABCPR" not in base64.urlsafe_b64decode(sealed)
        assert fields.seal("ABCPR1234F") != sealed


def test_a_new_key_reads_what_the_old_one_sealed(settings: Settings) -> None:
    with keyed(settings, OLD):
        sealed, found_by = fields.seal("0181"), fields.fingerprint("0181")

    with keyed(settings, NEW, OLD):
        assert fields.reveal(sealed) == "0181"
        assert fields.stale(sealed)
        assert not fields.stale(fields.seal("0181"))
        assert fields.fingerprint("0181") != found_by
        assert found_by in fields.fingerprints("0181")


def test_without_its_key_nothing_is_revealed(settings: Settings) -> None:
    with keyed(settings, OLD):
        sealed = fields.seal("0181")

    with keyed(settings, NEW), pytest.raises(fields.Unsealable):
        fields.reveal(sealed)


def test_a_changed_row_is_not_revealed(settings: Settings) -> None:
    with keyed(settings, OLD):
        sealed = bytearray(fields.seal("0181"))
        sealed[20] ^= 1

        with pytest.raises(fields.Unsealable):
            fields.reveal(bytes(sealed))


def test_a_fingerprint_needs_the_key(settings: Settings) -> None:
    with keyed(settings, OLD):
        assert len(fields.fingerprint("0181")) == 32
        assert fields.fingerprint("0181") == fields.fingerprint("0181")
        assert fields.fingerprint("0181") != fields.fingerprint("0182")
