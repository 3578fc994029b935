"""The audit: what it proves, what it names, and that moving money does not alarm it."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from batua_db import audit, audit_report, reconciliation
from batua_db.audit_report import Proof, as_json, as_text
from batua_db.database import db
from batua_db.ledger import Sealed
from batua_db.models import bank, clients, outgoing, wallet
from batua_db.money import Money
from batua_dev.testing import wait_until_sealable

pytestmark = pytest.mark.commits

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


@dataclass
class House:
    """A wallet and a bank that know each other, each with a database of its own."""

    here: Any  # the wallet's books
    there: Any  # the bank's
    asha: UUID
    suspense: UUID
    savings: UUID
    platform: UUID

    def pay(self, amount: int, reference: str, *, recorded: int | None = None) -> None:
        """The customer approves at the bank."""
        key = f"payment:{reference}"
        moved = self.there.move(amount, self.savings, self.platform, kind="payment", key=key)
        self.record(recorded or amount, reference, moved.id)

    def record(self, paise: int, reference: str, transfer: UUID) -> None:
        session, amount = uuid4(), Money(paise)
        asked = {"client": "wallet", "bank_code": "SBB", "reference": reference, "amount": amount}
        page = {"description": "", "return_url": "", "token_hash": session.bytes, "expires_at": NOW}
        paid = {"account_id": self.savings, "session_id": session, "transfer_id": transfer}
        self.there.do(db.session.add, bank.PaymentSession(id=session, **asked, **page))
        self.there.do(db.session.add, bank.Payment(**asked, **paid))

    def book(self, amount: int, reference: str, *, suspend: bool = False) -> None:
        """The news reaches the wallet."""
        to = self.suspense if suspend else self.asha
        self.here.move(amount, self.here.float, to, kind="topup", key=f"topup:{reference}:settle")

    def add(self, amount: int) -> None:
        reference = str(uuid4())
        self.pay(amount, reference)
        self.book(amount, reference)

    def seal(self) -> None:
        """Both seal, and each keeps a copy of what the other sealed."""
        for block in self.here.seal("wallet"):
            self.there.do(db.session.add, bank.Witness(**_copy(block)))
        for block in self.there.seal("bank"):
            self.here.do(db.session.add, wallet.Witness(**_copy(block)))

    def prove(self) -> Proof:
        return audit.prove(self.here.engine, self.there.engine)

    def faults(self, book: Any = "wallet") -> list[tuple[str, str]]:
        return [(fault.fault, fault.place) for fault in self.prove().faults(book)]


def _copy(block: Sealed) -> dict[str, Any]:
    return {"book": block.book, "number": block.number, "digest": block.digest}


def _furnish(here: Any, there: Any) -> House:
    names = {"code": "SBB", "name": "State Bank of Batua", "ifsc_prefix": "SBBA"}
    cash = there.open("cash", book="bank", floor=None)
    platform = there.open("platform", book="bank", hot=True)
    savings, customer = there.open("customer", book="bank"), uuid4()
    there.move(1_00_000_00, cash, savings, kind="deposit")
    secrets = {"password_hash": "", "mpin_hash": ""}
    for row in (
        bank.Bank(**names, cash_account=cash),
        clients.Platform(client_id="wallet", bank_code="SBB", account_id=platform),
        bank.Customer(id=customer, bank_code="SBB", number="1", name="Asha", **secrets),
        bank.BankAccount(
            id=savings, customer_id=customer, bank_code="SBB", number="1", ifsc="SBBA0000001"
        ),
    ):
        there.do(db.session.add, row)
    here.do(db.session.add, wallet.Bank(**names, float_account=here.float))
    return House(here, there, here.open(), here.open("suspense"), savings, platform)


@pytest.fixture
def house(own_books, books_beside) -> House:
    return _furnish(own_books, books_beside)


@pytest.fixture
def one_roof(own_books) -> House:
    """Both companies in one database."""
    return _furnish(own_books, own_books)


@pytest.fixture
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """News that takes a second is late."""
    monkeypatch.setattr(reconciliation, "ON_ITS_WAY", 0)


@pytest.mark.parametrize("which", ["house", "one_roof"])
def test_whole_books_are_proved(request: pytest.FixtureRequest, which: str) -> None:
    house: House = request.getfixturevalue(which)
    house.add(500_00)
    house.here.fold()
    house.there.fold()
    house.seal()
    house.add(20_50)

    proof = house.prove()

    assert proof.ok
    assert json.loads(as_json(proof)) == {
        "ok": True,
        "books": {
            "wallet": {"accounts": 3, "transfers": 2, "entries": 3, "sum": 0, "faults": []},
            "bank": {"accounts": 3, "transfers": 3, "entries": 5, "sum": 0, "faults": []},
        },
        "reconciliation": [
            {
                "bank": "SBB",
                "platform": 520_50,
                "float": -520_50,
                "explained": [],
                "difference": 0,
            }
        ],
    }


def test_money_on_its_way_is_explained(house: House) -> None:
    house.add(500_00)
    house.pay(75_25, "late-news")

    proof = house.prove()

    assert proof.ok
    (sbb,) = proof.reconciliation
    assert (sbb.platform, sbb.float, sbb.difference) == (575_25, -500_00, 0)
    (item,) = sbb.explained
    assert item == {"what": "on its way", "reference": "late-news", "amount": 75_25, "age": 0}


@pytest.mark.usefixtures("no_patience")
def test_news_that_does_not_come_is_a_fault_with_its_name(house: House) -> None:
    house.pay(75_25, "lost-news")

    proof = house.prove()

    (fault,) = proof.faults("wallet")
    assert not proof.ok
    assert (fault.fault, fault.place) == ("not booked", "reference lost-news")
    assert fault.detail.startswith("₹75.25 moved at SBB ")
    assert proof.reconciliation[0].difference == 75_25


def test_what_the_wallet_booked_and_the_bank_never_moved_is_a_fault(house: House) -> None:
    house.book(75_25, "invented")

    assert house.faults() == [("missing at the bank", "reference invented")]
    assert house.prove().reconciliation[0].difference == -75_25


def test_amounts_that_differ_are_a_fault(house: House) -> None:
    house.pay(75_00, "short")
    house.book(70_00, "short")

    assert house.faults() == [("amounts differ", "reference short")]


@pytest.mark.usefixtures("no_patience")
def test_money_that_reaches_the_platform_unnamed_is_a_fault(house: House) -> None:
    moved = house.there.move(5_00, house.savings, house.platform, key="by hand")

    assert house.faults() == [("not booked", f"reference transfer {moved.id}")]


def test_a_payment_that_moved_no_money_or_other_money_is_a_fault(house: House) -> None:
    house.record(5_00, "paper", uuid4())
    house.pay(6_00, "inflated", recorded=60_00)
    house.book(6_00, "inflated")

    assert house.faults() == [
        ("no such transfer", "payment inflated"),
        ("no such transfer", "payment paper"),
    ]


def test_money_in_suspense_is_named_until_it_goes_back(house: House) -> None:
    house.pay(9_00, "over-limit")
    house.book(9_00, "over-limit", suspend=True)

    proof = house.prove()

    (item,) = proof.reconciliation[0].explained
    assert proof.ok
    assert (item["what"], item["reference"], item["held"]) == ("in suspense", "over-limit", 9_00)


def test_what_goes_out_is_matched_apart_from_what_came_in(house: House) -> None:
    house.pay(500_00, "above-limit")
    house.book(500_00, "above-limit", suspend=True)
    back = {"kind": "refund", "key": "refund:1", "details": {"reference": "above-limit"}}
    house.there.move(500_00, house.platform, house.savings, **back)

    (waiting, out) = house.prove().reconciliation[0].explained
    assert (waiting["what"], waiting["reference"]) == ("in suspense", "above-limit")
    assert (out["reference"], out["amount"]) == ("above-limit (out)", -500_00)
    assert house.prove().ok

    house.here.move(
        500_00,
        house.suspense,
        house.here.float,
        kind="topup_refund",
        key="topup:above-limit:refund",
    )

    assert house.prove().reconciliation[0].explained == []
    assert house.prove().ok


def test_a_payout_that_the_bank_never_made_is_a_fault(house: House) -> None:
    house.add(500_00)
    house.here.move(
        200_00, house.asha, house.here.float, kind="withdrawal_paid", key="withdrawal:w1:outcome"
    )

    assert ("missing at the bank", "reference w1 (out)") in house.faults()


def test_a_payout_that_moved_nothing_is_a_fault(house: House) -> None:
    house.add(500_00)
    house.there.do(
        db.session.add,
        outgoing.Payout(
            client="wallet",
            bank_code="SBB",
            account_number="1",
            ifsc="SBBA0000001",
            holder="Asha",
            reference="w1",
            amount=Money(200_00),
            status="succeeded",
            transfer_id=uuid4(),
        ),
    )

    assert ("no such transfer", "payment w1") in house.faults()


def test_a_changed_row_is_a_fault_of_its_book(house: House) -> None:
    house.add(500_00)
    with house.there.admin.begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        change = text("UPDATE ledger.account SET balance = balance - 1 WHERE id = :id")
        connection.execute(change, {"id": house.savings})

    assert house.faults("wallet") == []
    assert house.faults("bank") == [
        ("balance", f"account {house.savings}"),
        ("not zero", "book bank"),
    ]


def test_a_rewritten_chain_is_caught_by_the_copy_that_the_other_keeps(house: House) -> None:
    house.add(500_00)
    house.here.fold()
    house.seal()
    with house.here.admin.begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.exec_driver_sql("UPDATE ledger.transfer SET note = 'gift'")
        connection.exec_driver_sql("DELETE FROM ledger.block")
    house.here.seal()

    assert house.here.faults() == []  # the forger did everything right …
    assert house.faults() == [("witness", "block 1")]  # … but for the copy


def test_a_block_that_is_gone_is_caught_too(house: House) -> None:
    house.add(500_00)
    house.seal()
    with house.there.admin.begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.exec_driver_sql("DELETE FROM ledger.block")

    (fault,) = house.prove().faults("bank")
    assert fault == ("witness", "block 1", "the wallet keeps its digest, and it is gone")


def test_seals_that_stand_still_are_shown_and_after_a_day_a_fault(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_report, "LATE", 0)
    house.add(5_00)
    house.here.fold()
    house.here.do(wait_until_sealable)
    house.here.seal("wallet")  # which the bank keeps no copy of

    proof = house.prove()

    assert proof.ok
    report = as_text(proof)
    assert re.search(r"✓ wallet .*\n +· 1 seals not copied for ", report)
    assert re.search(r"✓ bank .*\n +· [1-9] entries not sealed for ", report)

    monkeypatch.setattr(audit, "SEALED_WITHIN", 0)

    assert ("not sealed", "the latest") in house.faults("bank")


def test_moving_money_does_not_alarm_the_audit(house: House) -> None:
    stop = Event()

    def keep_adding() -> None:
        while not stop.is_set():
            house.add(1_00)
            house.here.fold()
            house.seal()

    threads = [Thread(target=keep_adding) for _ in range(2)]
    for thread in threads:
        thread.start()
    proofs = [audit._prove(house.here.engine, house.there.engine) for _ in range(30)]  # pyright: ignore[reportPrivateUsage]
    stop.set()
    for thread in threads:
        thread.join()

    assert [as_text(proof) for proof in proofs if not proof.ok] == []
    assert any(each.explained for proof in proofs for each in proof.reconciliation)
    assert house.prove().ok


def test_the_report_reads_well(house: House) -> None:
    house.add(1_20_000_00 // 2)
    house.pay(75_25, "late-news")
    house.pay(9_00, "over-limit")
    house.book(9_00, "over-limit", suspend=True)
    house.seal()

    report = re.sub(r"for \d+ s:", "for a while:", as_text(house.prove(), now=NOW))
    lines = report.splitlines()

    assert lines == [
        "Batua audit · 04 Mar 2026, 10:36:07 IST",
        "",
        "  Book                sum   accounts  transfers    entries      seals     copies",
        "  ✓ wallet          ₹0.00          3          2          2          1          1",
        "  ✓ bank            ₹0.00          3          4          5          1          1",
        "",
        "  Bank                    holds            float       on its way       difference",
        "  ✓ SBB              ₹60,084.25      −₹60,009.00           ₹75.25            ₹0.00",
        "      · ₹9.00 in suspense for a while: over-limit",
        "      · ₹75.25 on its way for a while: late-news",
        "",
        "All holds.",
    ]


def test_a_wallet_without_banks_holds_too(own_books, books_beside) -> None:
    proof = audit.prove(own_books.engine, books_beside.engine)

    assert proof.ok
    assert "  · none yet" in as_text(proof)


def test_the_report_shows_faults_first_by_first(house: House) -> None:
    house.book(75_25, "invented")

    report = as_text(house.prove(), now=NOW)

    assert "  ✗ SBB" in report
    assert "      ✗ missing at the bank: reference invented: ₹75.25 booked, none at SBB" in report
    assert report.endswith("Something does not hold. Start with the first ✗ above.")


@pytest.fixture
def environment(house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What ``python -m batua_db.audit`` finds when it starts."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("APP_ENV", "development")
    for name, books in (("USER", house.here), ("BANK", house.there)):
        url = books.engine.url.render_as_string(hide_password=False)
        monkeypatch.setenv(f"{name}_DATABASE_URL", url)


@pytest.mark.usefixtures("environment")
def test_the_command_ends_well_only_if_all_holds(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit.main([]) == 0
    assert capsys.readouterr().out.endswith("All holds.\n")
    assert audit.main(["--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True

    house.book(75_25, "invented")

    assert audit.main(["--json"]) == 1
    assert json.loads(capsys.readouterr().out)["ok"] is False


@pytest.mark.usefixtures("environment")
def test_the_command_says_why_it_could_not_look(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], house: House
) -> None:
    url = house.here.engine.url
    empty = house.here.admin.url.set(database="postgres").render_as_string(hide_password=False)
    for broken, why in (
        (str(url.set(host="127.0.0.1", port=1)), "The database does not answer"),
        (empty, "The database is not as the migrations make it"),
        ("mysql://", "DATABASE_URL must begin with"),
    ):
        monkeypatch.setenv("USER_DATABASE_URL", broken)

        assert audit.main([]) == 2
        assert why in capsys.readouterr().err
