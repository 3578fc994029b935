"""Who serves the city: a teller at the bank's desk, and a clerk at the wallet's.

Each serves one person at a time, as at a counter. They sign in as the demo's staff.
"""

import re
from dataclasses import dataclass
from html import escape
from threading import Lock

from batua_bank.desk import demo as bank_desk
from batua_user.desk import demo as wallet_desk

from .browsing import Browser
from .rhythm import typed

OPERATOR = "operator"
UUID = "[0-9a-f-]{36}"


@dataclass(frozen=True, slots=True)
class BankAccount:
    """An account at the bank, and how its owner first signs in."""

    bank: str
    number: str
    ifsc: str
    customer: str
    password: str
    at_desk: str  # the path of its page there


class Teller:
    """Takes customers in, and their cash."""

    def __init__(self, bank: str, browser: Browser) -> None:
        self._bank, self._browser, self._counter = bank, browser, Lock()

    def open_account(self, name: str, bank: str) -> BankAccount:
        """An account for somebody new, with nothing in it."""
        step, desk = "bank desk: open an account", self._browser
        with self._counter:
            self._enter(step, "/desk/customers/new")
            desk.submit(step, bank=bank, name=name, reason="Came with an identity card")
            password = desk.find(step, r"data-password>([^<]+)<")
            desk.open(step, desk.find(step, rf'href="([^"]*/desk/customers/{UUID})"'))
            return BankAccount(
                bank=bank,
                number=_digits(desk.find(step, r"([\d\s]{9,}) · [A-Z]{4}0")),
                ifsc=desk.find(step, r" · ([A-Z]{4}0[A-Z0-9]{6})"),
                customer=_digits(desk.find(step, r"Customer ([\d\s]+) of")),
                password=password,
                at_desk=desk.find(step, rf'href="[^"]*(/desk/accounts/{UUID})"'),
            )

    def pay_in(self, account: BankAccount, paise: int) -> None:
        """Take cash for an account."""
        step, desk = "bank desk: pay cash in", self._browser
        with self._counter:
            self._enter(step, f"{account.at_desk}/cash")
            desk.submit(step, way="in", amount=typed(paise), note="Paid in")
            desk.arrive(step, f"/desk/movements/{UUID}")

    def _enter(self, step: str, path: str) -> None:
        _enter(self._browser, step, self._bank + path, bank_desk.PASSWORD)


class Clerk:
    """Decides who gets a full wallet."""

    def __init__(self, wallet: str, browser: Browser) -> None:
        self._wallet, self._browser, self._counter = wallet, browser, Lock()

    def approve(self, name: str) -> None:
        """Find the request in this name among those that wait, and approve it."""
        step, desk = "wallet desk: approve a full wallet", self._browser
        row = rf'href="([^"]*/desk/kyc/{UUID})"(?s:(?!</a>).)*<b>{re.escape(escape(name))}</b>'
        with self._counter:
            _enter(desk, step, f"{self._wallet}/desk/kyc", wallet_desk.PASSWORD)
            desk.open(step, desk.find(step, row))
            desk.submit(step, press={"decision": "approve"}, reason="The card is in order")


def _enter(desk: Browser, step: str, url: str, password: str) -> None:
    """Open a page of a desk; whoever is not signed in is asked to, and led there."""
    if desk.open(step, url).path == "/desk/login":
        desk.submit("desk: sign in", username=OPERATOR, password=password)


def _digits(number: str) -> str:
    return re.sub(r"\D", "", number)
