"""What somebody in the city does: moves in, then lives there, errand by errand.

Everything goes over the pages that people use, with their forms. Nothing here knows locust:
whoever runs people gives them a ``Town`` and calls ``move_in`` once, then ``live`` repeatedly.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from threading import Event

from . import rhythm
from .browsing import Browser
from .counters import UUID, BankAccount, Clerk, Teller
from .rhythm import Habit, typed
from .tally import Tally

FIRST = "Aarav Aditi Arjun Bhavna Chetan Devika Farah Gopal Harini Imran Jaya Kabir Leela Manoj"
LAST = "Bose Chauhan Das Fernandes Gill Hegde Joshi Khan Lal Menon Naidu Patel Reddy Shah Verma"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BANKS = ("SBB", "CCB")
PASSWORD, PIN, MPIN = "a quiet river at noon", "246810", "135790"
SAVINGS = 40_000 * rhythm.RUPEE  # what they bring to their bank, each time it runs out
FRIENDS = 8  # whose numbers somebody knows
SETTLES_WITHIN, LOOKS_EVERY = 60.0, 1.5  # seconds, of a payment that is on its way


@dataclass
class Town:
    """What people share."""

    wallet: str
    bank: str
    tellers: Mapping[str, Teller]  # one at each bank
    clerk: Clerk
    tally: Tally
    pace: float = 1.0  # how many times faster than life
    residents: list[str] = field(default_factory=list[str])  # phones of who has moved in
    closing: Event = field(default_factory=Event)  # nobody thinks any longer

    @classmethod
    def at(cls, wallet: str, bank: str, tally: Tally, pace: float = 1.0) -> "Town":
        """A town at these two addresses, with its counters open."""
        tellers = {each: Teller(bank, Browser(tally, "10.0.0.1")) for each in BANKS}
        clerk = Clerk(wallet, Browser(tally, "10.0.0.2"))
        return cls(wallet, bank, tellers, clerk, tally, pace)


class Person:
    """Somebody with a phone."""

    def __init__(self, town: Town, chance: Random) -> None:
        self._town, self._chance = town, chance
        self.name = (
            f"{chance.choice(FIRST.split())} {''.join(chance.choices(LETTERS, k=3))}"
            f" {chance.choice(LAST.split())}"
        )
        self.phone = f"98{chance.randrange(10**8):08}"
        self.habit: Habit = rhythm.habit(chance)
        self.balance = 0  # paise, when they last looked
        self._savings = 0  # paise at the bank
        self._friends: list[str] = []
        address = f"10.{chance.randrange(1, 250)}.{chance.randrange(250)}.{chance.randrange(250)}"
        self._browser = Browser(town.tally, address)

    # Moving in.

    def move_in(self) -> None:
        """Open a wallet and a bank account, and become fully known."""
        self._register()
        self._town.tally.people += 1
        self._account = self._open_bank_account()
        self._become_known()
        self._link(self._account)
        self.add_money()
        self._town.residents.append(self.phone)

    def _register(self) -> None:
        step = "register"
        self._open(step, "/register")
        self._fill(step, name=self.name, phone=self.phone, password=PASSWORD)
        mailbox = f"{self._town.wallet}/dev/messages?to=%2B91{self.phone}&format=json"
        there = self._browser.page
        code = self._browser.open("read the SMS", mailbox).page.json()[0]["code"]
        self._browser.page = there
        self._fill(step, code=code)
        self._browser.arrive(step, "/")
        step = "choose a PIN"
        self._open(step, "/settings/pin")
        self._fill(step, password=PASSWORD, pin=PIN, pin_again=PIN)

    def _open_bank_account(self) -> BankAccount:
        bank = self._chance.choice(BANKS)
        account = self._town.tellers[bank].open_account(self.name, bank)
        step, browser = "bank: sign in the first time", self._browser
        browser.open(step, f"{self._town.bank}/login")
        self._fill(step, customer_id=account.customer, password=account.password)
        words = {"password": PASSWORD, "password_again": PASSWORD}
        self._fill(step, **words, mpin=MPIN, mpin_again=MPIN)
        browser.arrive(step, "/accounts.*")
        return account

    def _become_known(self) -> None:
        step = "ask for a full wallet"
        letters = "".join(self._chance.choices(LETTERS, k=4))
        pan = f"{letters[:3]}P{letters[3]}{self._chance.randrange(10**4):04}A"
        self._open(step, "/kyc")
        self._fill(step, name=self.name, pan=pan, birth_date="1994-07-31")
        self._town.clerk.approve(self.name)

    def _link(self, account: BankAccount) -> None:
        step = "link a bank account"
        self._open(step, "/bank-accounts")
        number = {"account_number": account.number, "ifsc": account.ifsc}
        self._fill(step, bank=account.bank, holder=self.name, **number)

    # Living.

    def live(self) -> None:
        """Look at home, and do what they came for."""
        self.look_home()
        errand = rhythm.errand(self._chance, balance=self.balance)
        errands: dict[rhythm.Errand, Callable[[], None]] = {
            "add_money": self.add_money,
            "send": self.send,
            "pay": self.pay,
            "recharge": self.recharge,
            "withdraw": self.withdraw,
            "read_activity": lambda: self._open("read activity", "/activity"),
            "nothing": lambda: None,
        }
        errands[errand]()

    def pause(self) -> float:
        """Seconds until they do the next thing."""
        return rhythm.think(self._chance) / self._town.pace

    def look_home(self) -> None:
        """Open the first page, and see what they have."""
        self._open("look at home", "/")
        self.balance = int(self._browser.find("look at home", r'data-balance="(\d+)"'))
        self._think()

    def add_money(self) -> None:
        """Add money from their bank, and wait until it is there."""
        step, amount = "add money", rhythm.sum_to_load(self._chance, self.habit)
        if amount > self._savings:
            self._town.tellers[self._account.bank].pay_in(self._account, SAVINGS)
            self._savings += SAVINGS
        self._open(step, "/add-money")
        self._think()
        self._fill(step, amount=typed(amount), bank=self._account.bank)
        self._approve()
        self._until("watch the money come", "credited")
        self._savings -= amount
        self._town.tally.moved("added", amount)

    def _approve(self) -> None:
        """On the bank's page, where they may be signed in from before."""
        step, browser = "bank: approve", self._browser
        browser.arrive(step, "/pay/[^/]+")
        if "Continue as" in browser.text:
            browser.open(step, f"{browser.path}/approve")
        else:
            self._fill(step, customer_id=self._account.customer, password=PASSWORD)
        account = browser.find(step, r'name="account"[^>]*value="([^"]+)"')
        self._think()
        browser.submit(step, press={"action": "approve"}, account=account, mpin=MPIN)
        browser.arrive(step, f"/add-money/{UUID}")

    def send(self) -> None:
        """Send some to a friend."""
        step, amount = "send", self._sum()
        self._open(step, "/send")
        self._think()
        note = self._chance.choice(rhythm.NOTES)
        self._fill(step, phone=self._friend(), amount=typed(amount), note=note)
        self._confirm(step, f"/activity/{UUID}")
        self._town.tally.moved("sent", amount)

    def pay(self) -> None:
        """Pay a shop."""
        step, amount = "pay a shop", self._sum()
        self._open(step, "/pay")
        shop = self._browser.find(step, rf'href="(/pay/{UUID})"')
        self._think()
        self._browser.open(step, shop)
        self._fill(step, amount=typed(amount), note="")
        self._confirm(step, f"/activity/{UUID}")
        self._town.tally.moved("paid", amount)

    def recharge(self) -> None:
        """Recharge their phone."""
        affordable = [each for each in rhythm.RECHARGES if each * 100 <= self.balance]
        step, amount = "recharge", self._chance.choice(affordable) * 100
        self._open(step, f"/pay/{self._chance.choice(('TARANG', 'VANI'))}")
        # Numbers that end in 001 to 005 ask the demo's billers for trouble.
        self._fill(step, reference=f"{self.phone[:-1]}9", amount=typed(amount), note="")
        self._confirm(step, f"/pay/[A-Z]+/{UUID}")
        self._until("watch the recharge", "confirmed")
        self._town.tally.moved("bills", amount)

    def withdraw(self) -> None:
        """Withdraw to their bank, and wait until it is there."""
        step, amount = "withdraw", rhythm.sum_to_withdraw(self.balance)
        self._open(step, "/withdraw")
        account = self._browser.find(step, r'name="bank_account"[^>]*value="([^"]+)"')
        self._fill(step, amount=typed(amount), bank_account=account)
        self._confirm(step, f"/withdraw/{UUID}")
        self._until("watch the money go", "paid")
        self._savings += amount
        self._town.tally.moved("withdrawn", amount)

    # What all of that is made of.

    def _think(self) -> None:
        self._town.closing.wait(self.pause())

    def _sum(self) -> int:
        return rhythm.sum_to_spend(self._chance, self.habit, most=self.balance)

    def _friend(self) -> str:
        """Mostly somebody they know; numbers that are new to them are few, as in life."""
        others = [each for each in self._town.residents if each != self.phone]
        if others and len(self._friends) < FRIENDS and self._chance.random() < 0.3:
            self._friends.append(self._chance.choice(others))
        return self._chance.choice(self._friends or others or ["98765 00001"])

    def _open(self, step: str, path: str) -> None:
        self._browser.open(step, self._town.wallet + path)

    def _fill(self, step: str, **fields: str) -> None:
        self._browser.submit(step, press=None, **fields)

    def _confirm(self, step: str, path: str) -> None:
        """Look at what is about to happen, and type the PIN."""
        self._think()
        self._browser.submit(step, pin=PIN).arrive(step, path)

    def _until(self, step: str, state: str) -> None:
        """Look at the open page until the money is there."""
        browser, deadline = self._browser, time.monotonic() + SETTLES_WITHIN
        while (now := browser.find(step, r'data-state="([a-z_]+)"')) != state:
            if time.monotonic() > deadline:
                raise browser.wrong(step, f"still {now} after {SETTLES_WITHIN:.0f} s")
            time.sleep(LOOKS_EVERY / self._town.pace)
            browser.open(step, browser.page.url)
