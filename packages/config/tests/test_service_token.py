"""A service token proves who calls, and that it is this very call."""

import itertools
from typing import Any

import pytest
import time_machine
from itsdangerous import URLSafeTimedSerializer

from batua_config import service_token
from batua_config.service_token import BadToken

OLD, NEW = "whsec_b2xkLW9sZC1vbGQ", "whsec_bmV3LW5ldy1uZXc"
CALL: dict[str, Any] = {
    "method": "POST",
    "path_and_query": "/api/v1/payment-sessions?a=1",
    "body": b"{}",
    "key": "k",
}


def test_the_same_call_is_accepted() -> None:
    assert (
        service_token.verify([OLD], service_token.sign([OLD], "wallet", **CALL), **CALL) == "wallet"
    )


def test_it_is_the_format_that_others_build_from_the_contract() -> None:
    digest = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"  # of {}
    terms = ["wallet", "POST", CALL["path_and_query"], digest, "k"]
    token = URLSafeTimedSerializer(OLD, salt="batua.bank-api").dumps(terms)

    assert service_token.verify([OLD], token, **CALL) == "wallet"


@pytest.mark.parametrize(
    "other",
    [
        {"method": "GET"},
        {"path_and_query": "/api/v1/payment-sessions"},
        {"body": b"{ }"},
        {"key": ""},
    ],
)
def test_any_other_call_is_refused(other: dict[str, Any]) -> None:
    token = service_token.sign([OLD], "wallet", **CALL)

    with pytest.raises(BadToken):
        service_token.verify([OLD], token, **CALL | other)


@pytest.mark.parametrize(("age", "good"), [(-290, True), (-310, False), (350, True), (370, False)])
def test_a_token_lives_for_minutes(age: int, good: bool) -> None:
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        token = service_token.sign([OLD], "wallet", **CALL)
        clock.shift(age)
        if good:
            assert service_token.verify([OLD], token, **CALL) == "wallet"
        else:
            with pytest.raises(BadToken):
                service_token.verify([OLD], token, **CALL)


def test_secrets_rotate_without_a_failed_call() -> None:
    steps = [[OLD], [OLD, NEW], [NEW, OLD], [NEW]]
    for before, after in itertools.pairwise(steps):
        for signer, verifier in ((before, after), (after, before)):
            token = service_token.sign(signer, "wallet", **CALL)
            assert service_token.verify(verifier, token, **CALL) == "wallet"


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é.é.é", "W10.AAAA.x", "\x00", "." * 5000])
def test_nonsense_is_refused(token: str) -> None:
    with pytest.raises(BadToken):
        service_token.verify([OLD], token, **CALL)


@pytest.mark.parametrize("terms", [None, [], {}, "wallet", [1, 2, 3, 4, 5], ["wallet"]])
def test_other_contents_under_a_good_signature_are_refused(terms: object) -> None:
    token = URLSafeTimedSerializer(OLD, salt="batua.bank-api").dumps(terms)

    with pytest.raises(BadToken):
        service_token.verify([OLD], str(token), **CALL)
