"""The bank's webhooks: credited once, whatever comes, and nothing forged changes a thing."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from sqlalchemy import func, select

from batua_config import webhooks
from batua_config.settings import Settings
from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.models.ledger import Account, Transfer
from batua_db.models.wallet import Bank, Inbox, TopupEvent, User
from batua_db.money import Money

MakeUser = Callable[..., User]
MakeTopup = Callable[..., UUID]
Balance = Callable[[User], Money]
StateOf = Callable[[UUID], str]


def inbox() -> list[tuple[str, str]]:
    db.session.commit()
    rows = db.session.execute(select(Inbox.type, Inbox.outcome).order_by(Inbox.received_at))
    return [(row.type, row.outcome) for row in rows]


def suspense() -> Money:
    db.session.commit()
    found = db.session.scalar(select(Account.id).where(Account.kind == "suspense"))
    return ledger.balance(found) if found else Money(0)


def steps(topup_id: UUID) -> list[tuple[str, str]]:
    db.session.commit()
    mine = TopupEvent.topup_id == topup_id
    rows = db.session.execute(
        select(TopupEvent.what, TopupEvent.note).where(mine).order_by(TopupEvent.created_at)
    )
    return [(row.what, row.note) for row in rows]


@pytest.fixture
def asha(make_user: MakeUser) -> User:
    return make_user()


@pytest.mark.usefixtures("session")
class TestCredit:
    def test_what_the_bank_captured_is_credited(
        self, the_bank: Any, asha: User, make_topup: MakeTopup, balance: Balance, state_of: StateOf
    ) -> None:
        topup = make_topup(asha)

        answer = the_bank.tell(the_bank.payment(topup))

        assert answer.status_code == 200
        assert balance(asha) == Money(500_00)
        assert state_of(topup) == "credited"
        assert inbox() == [("payment.succeeded", "applied")]
        assert [what for what, _ in steps(topup)] == ["asked", "captured", "told", "credited"]

    def test_the_second_delivery_is_taken_and_does_nothing(
        self, the_bank: Any, asha: User, make_topup: MakeTopup, balance: Balance
    ) -> None:
        payment = the_bank.payment(make_topup(asha))

        answers = [the_bank.tell(payment, message_id="evt_1").status_code for _ in range(3)]

        assert answers == [200, 200, 200]
        assert balance(asha) == Money(500_00)
        assert len(inbox()) == 1

    def test_the_same_event_under_another_id_credits_once(
        self, the_bank: Any, asha: User, make_topup: MakeTopup, balance: Balance
    ) -> None:
        payment = the_bank.payment(make_topup(asha))

        for message_id in ("evt_1", "evt_2"):
            assert the_bank.tell(payment, message_id=message_id).status_code == 200

        assert balance(asha) == Money(500_00)
        assert [outcome for _, outcome in inbox()] == ["applied", "ignored"]

    @pytest.mark.parametrize("ended", ["expired", "failed", "declined"])
    def test_money_that_came_is_credited_whatever_we_thought_before(
        self,
        the_bank: Any,
        asha: User,
        make_topup: MakeTopup,
        balance: Balance,
        state_of: StateOf,
        ended: str,
    ) -> None:
        topup = make_topup(asha, state=ended, check_at=None)

        the_bank.tell(the_bank.payment(topup))

        assert balance(asha) == Money(500_00)
        assert state_of(topup) == "credited"

    @pytest.mark.parametrize("ends", ["declined", "expired"])
    def test_what_ends_without_money_says_so_and_may_not_undo_money(
        self,
        the_bank: Any,
        asha: User,
        make_topup: MakeTopup,
        balance: Balance,
        state_of: StateOf,
        ends: str,
    ) -> None:
        topup = make_topup(asha)
        news = the_bank.payment(topup, status=ends)

        the_bank.tell(news, f"payment.{ends}")
        assert state_of(topup) == ends
        the_bank.tell(the_bank.payment(topup))
        assert state_of(topup) == "credited"
        the_bank.tell(news, f"payment.{ends}")

        assert state_of(topup) == "credited"
        assert balance(asha) == Money(500_00)
        assert [outcome for _, outcome in inbox()] == ["applied", "applied", "ignored"]

    def test_a_payment_nobody_asked_for_is_kept_and_credits_nobody(
        self, the_bank: Any, asha: User, balance: Balance
    ) -> None:
        for reference in (uuid4(), "somebody-else"):
            assert the_bank.tell(the_bank.payment(reference)).status_code == 200

        assert [outcome for _, outcome in inbox()] == ["orphan", "orphan"]
        assert balance(asha) == Money(0)

    def test_unknown_news_is_kept_and_left_alone(self, the_bank: Any) -> None:
        assert the_bank.tell({"anything": [1]}, "refund.succeeded").status_code == 200

        assert inbox() == [("refund.succeeded", "ignored")]

    def test_a_second_payment_for_one_topup_is_not_booked(
        self, the_bank: Any, asha: User, make_topup: MakeTopup, balance: Balance
    ) -> None:
        topup = make_topup(asha)

        for _ in range(2):
            assert the_bank.tell(the_bank.payment(topup)).status_code == 200

        assert balance(asha) == Money(500_00)

    def test_one_payment_does_not_pay_two_topups(
        self, the_bank: Any, asha: User, make_topup: MakeTopup, balance: Balance, state_of: StateOf
    ) -> None:
        first, second = make_topup(asha), make_topup(asha)

        for topup in (first, second):
            assert the_bank.tell(the_bank.payment(topup, id="one")).status_code == 200

        assert balance(asha) == Money(500_00)
        assert state_of(second) == "pending"


@pytest.mark.usefixtures("session")
class TestSuspense:
    def test_another_amount_is_set_aside_as_the_bank_moved_it(
        self, the_bank: Any, asha: User, make_topup: MakeTopup, balance: Balance, state_of: StateOf
    ) -> None:
        topup = make_topup(asha, "500")

        payment = the_bank.payment(topup, amount=499_99)
        assert the_bank.tell(payment).status_code == 200
        assert the_bank.tell(payment).status_code == 200

        assert (balance(asha), suspense()) == (Money(0), Money(499_99))
        assert state_of(topup) == "captured"
        assert steps(topup)[-1] == ("suspended", "amount")
        keys = db.session.scalars(select(Transfer.key).where(Transfer.kind == "topup")).all()
        assert keys == [f"topup:{topup}:settle"]

    def test_money_from_another_bank_is_set_aside_at_that_bank(
        self, the_bank: Any, asha: User, make_topup: MakeTopup, balance: Balance
    ) -> None:
        topup = make_topup(asha)

        the_bank.tell(the_bank.payment(topup, bank="NEW"))

        assert (balance(asha), suspense()) == (Money(0), Money(500_00))
        held = db.session.scalars(select(Bank.float_account).where(Bank.code == "NEW")).one()
        assert ledger.balance(held) == Money(-500_00)

    def test_a_closed_wallet_takes_nothing(
        self, the_bank: Any, asha: User, make_topup: MakeTopup, state_of: StateOf
    ) -> None:
        topup = make_topup(asha)
        with transaction():
            ledger.set_status(asha.account_id, "closed")

        assert the_bank.tell(the_bank.payment(topup)).status_code == 200

        assert suspense() == Money(500_00)
        assert state_of(topup) == "captured"
        assert steps(topup)[-1] == ("suspended", "closed")

    def test_a_frozen_wallet_still_receives(
        self, the_bank: Any, asha: User, make_topup: MakeTopup, balance: Balance
    ) -> None:
        topup = make_topup(asha)
        with transaction():
            ledger.set_status(asha.account_id, "frozen")

        the_bank.tell(the_bank.payment(topup))

        assert balance(asha) == Money(500_00)


@pytest.mark.usefixtures("session")
class TestForged:
    @pytest.fixture
    def nothing_changes(
        self, the_bank: Any, asha: User, make_topup: MakeTopup, balance: Balance, state_of: StateOf
    ) -> Callable[..., None]:
        """Send something about a real top-up, and see that it did nothing."""
        topup = make_topup(asha)

        def check(send: Callable[[dict[str, Any]], Any], *statuses: int) -> None:
            answer = send(the_bank.payment(topup))
            assert answer.status_code in statuses, answer.text
            assert balance(asha) == Money(0)
            assert state_of(topup) == "pending"
            assert inbox() == []

        return check

    def test_unsigned(self, the_bank: Any, nothing_changes: Callable[..., None]) -> None:
        nothing_changes(lambda data: the_bank.post(json.dumps(data).encode(), {}), 401)

    def test_signed_with_another_secret(
        self, the_bank: Any, nothing_changes: Callable[..., None]
    ) -> None:
        def send(data: dict[str, Any]) -> Any:
            body = json.dumps({"type": "payment.succeeded", "data": data}).encode()
            secret = "whsec_" + "QUJD" * 12
            return the_bank.post(body, webhooks.sign([secret], "evt_1", body))

        nothing_changes(send, 401)

    @pytest.mark.parametrize("minutes", [-6, 6])
    def test_stale_or_from_the_future(
        self, the_bank: Any, nothing_changes: Callable[..., None], minutes: int
    ) -> None:
        def send(data: dict[str, Any]) -> Any:
            body = json.dumps({"type": "payment.succeeded", "data": data}).encode()
            with time_machine.travel(datetime.now(UTC) + timedelta(minutes=minutes), tick=False):
                headers = webhooks.sign(the_bank.settings.secrets, "evt_1", body)
            return the_bank.post(body, headers)

        nothing_changes(send, 401)

    def test_written_anew_after_signing(
        self, the_bank: Any, nothing_changes: Callable[..., None]
    ) -> None:
        def send(data: dict[str, Any]) -> Any:
            message = {"type": "payment.succeeded", "data": data}
            headers = webhooks.sign(the_bank.settings.secrets, "e1", json.dumps(message).encode())
            return the_bank.post(json.dumps(message, indent=1).encode(), headers)

        nothing_changes(send, 401)

    @pytest.mark.parametrize(
        "headers",
        [
            {"webhook-timestamp": "now"},
            {"webhook-timestamp": "١٢٣"},
            {"webhook-signature": "v1"},
            {"webhook-signature": "v1,é"},
            {"webhook-signature": ""},
            {"webhook-id": ""},
            {"webhook-id": "x" * 4000},
            {"webhook-id": "ünï"},
        ],
    )
    def test_malformed_headers(
        self, the_bank: Any, nothing_changes: Callable[..., None], headers: dict[str, str]
    ) -> None:
        raw = {name: value.encode().decode("latin-1") for name, value in headers.items()}
        nothing_changes(lambda data: the_bank.send(json.dumps(data).encode(), **raw), 401)

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"null",
            b"[]",
            b'"text"',
            b"{",
            b"{}",
            b'{"type": "payment.succeeded"}',
            b'{"type": "payment.succeeded", "data": null}',
            b'{"type": "payment.succeeded", "data": []}',
            b'{"type": 5, "data": {}}',
            b'{"type": "\\u0000", "data": {}}',
            b'{"type": "\\ud800", "data": {}}',
            b'{"type": "a", "type": "b", "data": {}}',
            b'{"type": "payment.succeeded", "data": NaN}',
            b'{"type": "' + b"a" * 200 + b'", "data": {}}',
            b"[" * 5000,
            b'{"a":' * 3000,
            b'{"type": "payment.declined", "data": {}}',
            b'{"type": "payment.expired", "data": {"reference": 5}}',
            '{"type": "payment.succeeded", "data": {}}'.encode("utf-16"),
            b'\xff\xfe{"type": "x"}',
            b'{"type": "x", "data": {"n": ' + b"9" * 5000 + b"}}",
        ],
    )
    def test_signed_but_unreadable(
        self, the_bank: Any, nothing_changes: Callable[..., None], body: bytes
    ) -> None:
        def send(_data: dict[str, Any]) -> Any:
            try:
                return the_bank.send(body)
            except UnicodeDecodeError:  # nobody can sign what is not text
                return the_bank.post(body, webhooks.sign(the_bank.settings.secrets, "e", b"{}"))

        nothing_changes(send, 400, 401)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"amount": "50000"},
            {"amount": True},
            {"amount": 0},
            {"amount": -1},
            {"amount": 500.5},
            {"amount": 10**11 + 1},
            {"amount": 10**30},
            {"amount": 1e300},
            {"amount": None},
            {"amount": {}},
            {"currency": "USD"},
            {"currency": None},
            {"bank": 5},
            {"bank": "sbb"},
            {"bank": "A" * 20},
            {"reference": None},
            {"reference": ["x"]},
            {"reference": "x" * 500},
            {"reference": "\ud800"},
            {"id": None},
            {"id": "a b"},
            {"id": "\x00"},
            {"captured_at": "yesterday"},
            {"captured_at": 5},
            {"captured_at": "2026-01-01T10:00:00"},
            {"captured_at": "0001-01-01T00:00:00+23:59"},
        ],
    )
    def test_signed_but_of_the_wrong_shape(
        self, the_bank: Any, nothing_changes: Callable[..., None], wrong: dict[str, Any]
    ) -> None:
        nothing_changes(lambda data: the_bank.tell({**data, **wrong}), 400)

    @pytest.mark.parametrize("text", ["1e400", "NaN", "Infinity", "-Infinity"])
    def test_numbers_that_json_does_not_have(
        self, the_bank: Any, nothing_changes: Callable[..., None], text: str
    ) -> None:
        def send(data: dict[str, Any]) -> Any:
            body = json.dumps({"type": "payment.succeeded", "data": {**data, "amount": 7_77}})
            return the_bank.send(body.replace("777", text).encode())

        nothing_changes(send, 400)

    def test_a_field_twice(self, the_bank: Any, nothing_changes: Callable[..., None]) -> None:
        def send(data: dict[str, Any]) -> Any:
            body = json.dumps({"type": "payment.succeeded", "data": data})
            return the_bank.send(body.replace('"amount"', '"amount": 1, "amount"').encode())

        nothing_changes(send, 400)

    @pytest.mark.parametrize("size", [21_000, 70_000])
    def test_too_large(
        self, the_bank: Any, nothing_changes: Callable[..., None], size: int
    ) -> None:
        nothing_changes(lambda data: the_bank.tell({**data, "pad": "x" * size}), 413)

    def test_as_a_form(self, the_bank: Any, nothing_changes: Callable[..., None]) -> None:
        def send(data: dict[str, Any]) -> Any:
            body = json.dumps({"type": "payment.succeeded", "data": data}).encode()
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            return the_bank.send(body, **kind)

        nothing_changes(send, 401)

    def test_whole_floats_are_numbers_like_any_other(
        self, the_bank: Any, asha: User, make_topup: MakeTopup, balance: Balance
    ) -> None:
        the_bank.tell({**the_bank.payment(make_topup(asha)), "amount": 50000.0})

        assert balance(asha) == Money(500_00)

    def test_either_secret_is_good_while_they_change(
        self,
        the_bank: Any,
        asha: User,
        make_topup: MakeTopup,
        balance: Balance,
        user_app: Any,
        settings: Settings,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        new = "whsec_" + "TmV3" * 12
        both = settings.model_copy(
            update={"SECRET": type(settings.SECRET)(f"{new} {settings.secrets[0]}")}
        )
        monkeypatch.setitem(user_app.extensions, "batua_settings", both)

        assert the_bank.tell(the_bank.payment(make_topup(asha))).status_code == 200
        the_bank.settings = both
        assert the_bank.tell(the_bank.payment(make_topup(asha))).status_code == 200

        assert balance(asha) == Money(1000_00)


@pytest.mark.commits
@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize("ids", ["one", "many"])
def test_forty_deliveries_at_once_credit_once(
    the_bank: Any, asha: User, make_topup: MakeTopup, balance: Balance, state_of: StateOf, ids: str
) -> None:
    topup = make_topup(asha)
    payment = the_bank.payment(topup)
    message_ids = ["evt_1" if ids == "one" else f"evt_{n}" for n in range(40)]
    db.session.commit()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda id_: the_bank.tell(payment, message_id=id_), message_ids))

    assert {answer.status_code for answer in answers} == {200}
    assert balance(asha) == Money(500_00)
    assert state_of(topup) == "credited"
    assert db.session.scalar(select(func.count()).select_from(Transfer)) == 1
    assert [outcome for _, outcome in inbox()].count("applied") == 1
