"""The bank's API, as the wallet calls it: signed, bounded in time, never redirected.

No call is repeated here. Each write carries an idempotency key, so whoever needs the
answer asks again later with the same key.
"""

import json
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from http.cookiejar import DefaultCookiePolicy
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import requests

from batua_config import service_token
from batua_config.settings import Settings
from batua_config.webhooks import Unreadable
from batua_db.money import Money

from .answers import (
    BankError,
    BankRefused,
    BankSilent,
    BankUnreachable,
    never_left,
    seconds,
    understand,
)
from .breaker import Breaker
from .consents import Consent, read_consent
from .files import FileInfo, read_file_info
from .orders import ConsentOrder, PaymentOrder, PayoutOrder
from .values import (
    BankInfo,
    HolderCheck,
    Payment,
    PaymentSession,
    Payout,
    Seal,
    Settlement,
    StatementLine,
    as_object,
    read_bank,
    read_check,
    read_line,
    read_name,
    read_payment,
    read_payout,
    read_seal,
    read_session,
    read_settlement,
)

__all__ = ["BankClient", "BankError", "BankRefused", "BankSilent", "BankUnreachable"]

T = TypeVar("T")

CLIENT = "wallet"
TIMES = (2.0, 5.0)  # seconds to connect, and for each silence while reading
FILE_TIMES = (2.0, 30.0)  # the same for a file, which is made before it is sent
BUDGET = 8.0  # seconds for the whole answer
LARGEST = 256 * 1024


class BankClient:
    """One per app; its connections are kept open and shared by the threads."""

    def __init__(self, settings: Settings) -> None:
        self._base = settings.internal_url("bank")
        self._secrets = settings.secrets
        self._http = requests.Session()
        self._http.trust_env = False  # no proxy, no .netrc that would replace our token
        self._http.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._breaker = Breaker()

    def banks(self) -> list[BankInfo]:
        """The banks that money can come from."""
        return [self._read(read_bank, item) for item in self._items("/banks")]

    def open_session(self, order: PaymentOrder) -> PaymentSession:
        """Ask for a payment; the same order again answers the same session."""
        answer = self._call("POST", "/payment-sessions", order.as_json(), key=order.reference)
        return self._read(read_session, answer)

    def session(self, session_id: str) -> PaymentSession:
        """How a payment session stands."""
        answer = self._call("GET", f"/payment-sessions/{quote(session_id, safe='')}")
        return self._read(read_session, answer)

    def payments(self, reference: str) -> list[Payment]:
        """What the bank has captured under ``reference``."""
        items = self._items("/payments?" + urlencode({"reference": reference}))
        return [self._read(read_payment, item) for item in items]

    def take(self, order: ConsentOrder) -> Payment:
        """Take what a customer of the bank allowed; the same order again is the same payment."""
        answer = self._call("POST", "/payments", order.as_json(), key=order.reference)
        return self._read(read_payment, answer)

    def consents(self, reference: str) -> list[Consent]:
        """What a customer allowed with the payment session of this reference."""
        items = self._items("/consents?" + urlencode({"reference": reference}))
        return [self._read(read_consent, item) for item in items]

    def consent(self, consent_id: str) -> Consent:
        """How a consent stands."""
        answer = self._call("GET", f"/consents/{quote(consent_id, safe='')}")
        return self._read(read_consent, answer)

    def give_up(self, consent_id: str) -> None:
        """End a consent, once and for all."""
        path = f"/consents/{quote(consent_id, safe='')}/revoke"
        self._call("POST", path, {}, key=f"revoke:{consent_id}")

    def pay_out(self, order: PayoutOrder) -> Payout:
        """Order a payout; the same order again answers the same payout.

        The bank is part of the key: where one said no for good, another may be asked.
        """
        key = f"payout:{order.reference}:{order.bank}"
        return self._read(read_payout, self._call("POST", "/payouts", order.as_json(), key=key))

    def payout(self, payout_id: str) -> Payout:
        """How a payout stands."""
        return self._read(read_payout, self._call("GET", f"/payouts/{quote(payout_id, safe='')}"))

    def check_account(self, *, account_number: str, ifsc: str, holder: str) -> HolderCheck:
        """Ask whether an account belongs to somebody."""
        asked = {"account_number": account_number, "ifsc": ifsc, "holder": holder}
        return self._read(read_check, self._call("POST", "/account-checks", asked))

    def refund(self, payment_id: str, amount: Money, *, reason: str, key: str) -> str:
        """Give a payment back to the account that made it; the refund's name at the bank."""
        path = f"/payments/{quote(payment_id, safe='')}/refunds"
        answer = self._call("POST", path, {"amount": amount.paise, "reason": reason}, key=key)
        return self._read(read_name, answer)

    def settlement(self, bank: str) -> Settlement:
        """What our account at ``bank`` has, and after which line of its statement."""
        answer = self._call("GET", "/settlement?" + urlencode({"bank": bank}))
        return self._read(read_settlement, answer)

    def statement(self, bank: str, *, after: int) -> list[StatementLine]:
        """Lines of our account at ``bank`` after line number ``after``, oldest first."""
        items = self._items("/settlement/entries?" + urlencode({"bank": bank, "after": after}))
        return [self._read(read_line, item) for item in items]

    def settlement_files(self, bank: str, *, after: str) -> list[FileInfo]:
        """The closed days of our account at ``bank`` after ``after``, oldest first."""
        items = self._items("/settlement/files?" + urlencode({"bank": bank, "after": after}))
        return [self._read(read_file_info, item) for item in items]

    @contextmanager
    def download(self, path: str) -> Generator[requests.Response]:
        """The answer to a GET, however large: whoever asks reads it piece by piece."""
        if not self._breaker.lets_through():
            raise BankUnreachable("resting")
        options: dict[str, Any] = {"timeout": FILE_TIMES, "allow_redirects": False}
        try:
            with self._http.send(
                self._signed("GET", path, None, ""), stream=True, **options
            ) as answer:
                yield answer
        except requests.RequestException as error:
            raise BankSilent("no answer") from error

    def send_seals(self, seals: Sequence[Seal], *, key: str) -> None:
        """Leave digests of our book with the bank."""
        self._call("POST", "/seals", {"items": [seal.as_json() for seal in seals]}, key=key)

    def seals(self, after: int) -> list[Seal]:
        """The digests of the bank's book that come after its block ``after``."""
        items = self._items("/seals?" + urlencode({"after": after}))
        return [self._read(read_seal, item) for item in items]

    def _items(self, path: str) -> list[Any]:
        items = as_object(self._call("GET", path)).get("items")
        if not isinstance(items, list):
            raise BankSilent("no list")
        return items

    def _read(self, reader: Callable[[Any], T], answer: Any) -> T:
        try:
            return reader(answer)
        except Unreadable as error:
            raise BankSilent("unreadable") from error

    def _call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, key: str = ""
    ) -> Any:
        if not self._breaker.lets_through():
            raise BankUnreachable("resting")
        request = self._signed(method, path, body, key)
        try:
            status, content, wait = self._send(request)
        except requests.RequestException as error:
            if never_left(error):
                raise BankUnreachable("refused") from error
            self._breaker.silent()
            raise BankSilent("no answer") from error
        self._breaker.answered()
        if status == 429:
            self._breaker.wait(wait)
        return understand(status, content)

    def _signed(
        self, method: str, path: str, body: Mapping[str, Any] | None, key: str
    ) -> requests.PreparedRequest:
        content = b"" if body is None else json.dumps(body, separators=(",", ":")).encode()
        headers = {"Accept": "application/json", "User-Agent": "batua-wallet"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if key:
            headers["Idempotency-Key"] = key
        url = f"{self._base}/api/v1{path}"
        request = requests.Request(method, url, headers=headers, data=content or None).prepare()
        token = service_token.sign(
            self._secrets,
            CLIENT,
            method=method,
            path_and_query=request.path_url,
            body=content,
            key=key,
        )
        request.headers["Authorization"] = f"Bearer {token}"
        return request

    def _send(self, request: requests.PreparedRequest) -> tuple[int, bytes, int]:
        deadline = time.monotonic() + BUDGET
        content = b""
        with self._http.send(request, timeout=TIMES, allow_redirects=False, stream=True) as answer:
            for chunk in answer.iter_content(16 * 1024):
                content += chunk
                if len(content) > LARGEST or time.monotonic() > deadline:
                    raise requests.Timeout("too much, or too slow")
            return answer.status_code, content, seconds(answer.headers.get("Retry-After", ""))
