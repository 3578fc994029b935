"""What many tests use."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import event, func, select, update
from werkzeug.test import TestResponse

from batua_db import fields
from batua_db.database import db, transaction
from batua_db.models.payments import LinkedAccount, Payout
from batua_db.models.wallet import Guess, Topup, User
from batua_db.money import Money
from batua_dev.client import FreshClient

PASSWORD = "a quiet river at noon"
PIN = "246810"
DEVICE = "batua_user_device"
BANK = "http://localhost:3002"  # where people reach it

MakeUser = Callable[..., User]
MakeTopup = Callable[..., UUID]
SignIn = Callable[[User], FreshClient]
Balance = Callable[[User], Money]
StateOf = Callable[[UUID], str]


def token_of(page: TestResponse) -> str:
    """The form token of a page."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert found
    return found[1]


def key_of(page: TestResponse) -> str:
    """The idempotency key of a page's form."""
    found = re.search(r'name="key"[^>]*value="([^"]+)"', page.text)
    assert found
    return found[1]


def cookie_of(browser: FreshClient) -> str:
    """The cookie that a thief would want."""
    cookie = browser.get_cookie("batua_user")
    assert cookie
    return cookie.value


def wait_is_over() -> None:
    """Let those who must wait try again."""
    with transaction():
        db.session.execute(update(Guess).values(blocked_until=func.now()))


def topups() -> list[tuple[str, Money]]:
    """Every top-up there is."""
    db.session.commit()
    rows = db.session.execute(select(Topup.state, Topup.amount).order_by(Topup.created_at))
    return [(row.state, row.amount) for row in rows]


def make_due() -> None:
    """Let the worker's turn come for every top-up that is not finished."""
    with transaction():
        due = func.now() - func.make_interval(0, 0, 0, 0, 1)
        db.session.execute(update(Topup).where(Topup.check_at.is_not(None)).values(check_at=due))


def linked_account(user: User, number: str) -> UUID:
    """Link a bank account of ``user``, whatever the bank would say of it."""
    account = LinkedAccount(
        id=uuid4(),
        user_id=user.id,
        bank_code="SBB",
        ifsc="SBBB0000181",
        holder=user.name,
        number_sealed=fields.seal(number),
        number_hash=fields.fingerprint(number),
        last_digits=number[-4:],
        usable_at=func.now(),
    )
    with transaction():
        db.session.add(account)
    return account.id


def payouts_due() -> None:
    """Let the worker's turn come for every payout that waits."""
    with transaction():
        late = func.clock_timestamp() - func.make_interval(0, 0, 0, 0, 0, 0, 1)
        waits = Payout.check_at.is_not(None)
        db.session.execute(update(Payout).where(waits).values(check_at=late))


def add(browser: FreshClient, amount: str = "500", bank: str = "SBB", **more: str) -> TestResponse:
    """Send the form of adding money."""
    return browser.submit("/add-money", amount=amount, bank=bank, **more)


def prepare(browser: FreshClient, to: User | str, amount: str = "120.50", **more: str) -> str:
    """Send the form of sending money, up to the PIN."""
    phone = to if isinstance(to, str) else to.phone
    answer = browser.submit("/send", phone=phone, amount=amount, note="Dosa", **more)
    assert answer.status_code == 303, answer.text
    return answer.location


def press(browser: FreshClient, path: str, page: str) -> Any:
    """Press a button of ``page`` that posts to ``path``."""
    return browser.post(path, data={"csrf_token": token_of(browser.get(page))})


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is sent to PostgreSQL, but for the frame of transactions."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not re.match(r"(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)", statement):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)
