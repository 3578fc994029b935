"""A key is rotated: what it sealed is sealed anew, found as before, and outlives the key."""

import base64
from collections.abc import Callable
from datetime import date
from uuid import uuid4

import pytest
from flask import current_app
from pydantic import SecretStr
from sqlalchemy import func, select

from batua_config.current import EXTENSION
from batua_config.settings import Settings
from batua_db import fields, resealing
from batua_db.database import db, transaction
from batua_db.models.payments import LinkedAccount
from batua_db.models.people import KycRequest
from batua_db.models.wallet import User
from batua_user import resealing as wallet
from batua_user.kyc import service as kyc

pytestmark = pytest.mark.usefixtures("session")
OLD, NEW = (base64.urlsafe_b64encode(bytes([n]) * 32).decode() for n in (1, 2))
NUMBER = "018100004471"


@pytest.fixture
def keys(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Use these keys from now on."""

    def use(*them: str) -> None:
        changed = settings.model_copy(update={"FIELD_KEYS": SecretStr(" ".join(them))})
        monkeypatch.setitem(current_app.extensions, EXTENSION, changed)

    return use


def accounts(user: User, count: int) -> None:
    for n in range(count):
        number = f"{NUMBER}{n}"
        account = LinkedAccount(
            id=uuid4(),
            user_id=user.id,
            bank_code="SBB",
            ifsc="SBBT0000181",
            holder=user.name,
            number_sealed=fields.seal(number),
            number_hash=fields.fingerprint(number),
            last_digits=number[-4:],
            usable_at=func.now(),
        )
        with transaction():
            db.session.add(account)


def test_after_it_the_old_key_can_go(
    asha: User, keys: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resealing, "AT_ONCE", 2)
    keys(OLD)
    accounts(asha, 5)
    asha.tier = "small"
    kyc.ask(asha, name="Asha Rao", pan="ABCPR1234F", birth_date=date(1990, 7, 31))
    keys(NEW, OLD)

    assert wallet.reseal() == 6
    assert wallet.reseal() == 0

    keys(NEW)
    for account in db.session.scalars(select(LinkedAccount)):
        number = fields.reveal(account.number_sealed)
        assert number.startswith(NUMBER)
        assert account.number_hash == fields.fingerprint(number)
    asked = db.session.scalars(select(KycRequest)).one()
    assert fields.reveal(asked.birth_date_sealed) == "1990-07-31"
    assert asked.pan_hash == fields.fingerprint(fields.reveal(asked.pan_sealed))
