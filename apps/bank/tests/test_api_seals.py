"""The digests of the bank's own book, which the wallet keeps."""

from typing import Any

import pytest

from batua_db import ledger
from batua_db.database import transaction
from batua_db.money import Money
from batua_dev.testing import wait_until_sealable


def seal() -> list[ledger.Sealed]:
    """Seal all that was booked."""
    wait_until_sealable()
    return ledger.seal("bank")


@pytest.mark.commits
def test_the_banks_own_digests_can_be_read(committed_banks: Any, api: Any, account_of: Any) -> None:
    blocks = seal()
    with transaction():
        ledger.move(
            Money(1), debit=account_of(), credit=account_of("10000002"), kind="test", key="k"
        )
    blocks += seal()

    everything = api.get("/seals").get_json()
    later = api.get(f"/seals?after={blocks[0].number}").get_json()

    assert everything["items"] == [
        {"book": "bank", "number": block.number, "digest": block.digest.hex()} for block in blocks
    ]
    assert later["items"] == everything["items"][1:]
    assert everything["next"] is None
