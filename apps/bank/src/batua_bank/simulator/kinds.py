"""What can be made to go wrong, in words, and how it is when nothing else is said."""

from dataclasses import dataclass
from typing import get_args

from batua_bank.payouts.service import Failure
from batua_db.models.simulator import What

FAILURES: tuple[Failure, ...] = get_args(Failure)


@dataclass(frozen=True, slots=True)
class Kind:
    """A fault that can be switched on; zero ``seconds`` and one of ``times`` mean it has none."""

    what: What
    title: str
    about: str
    seconds: int = 0
    times: int = 1


KINDS: dict[str, Kind] = {
    kind.what: kind
    for kind in (
        Kind("decline", "Decline", "Approved payments are declined, and payouts refused."),
        Kind(
            "insufficient_funds",
            "Insufficient funds",
            "The customer’s account can’t pay; for payouts and refunds, the platform’s.",
        ),
        Kind(
            "slow",
            "Slow",
            "Calls about it and its approval take this much longer; payouts wait as long.",
            seconds=3,
        ),
        Kind("webhook_lost", "Lose the webhook", "It is never sent. The event can be read."),
        Kind(
            "webhook_delayed", "Delay the webhook", "It is first sent after this long.", seconds=20
        ),
        Kind(
            "webhook_duplicated",
            "Duplicate the webhook",
            "It is sent this many times, under one id.",
            times=3,
        ),
        Kind(
            "webhook_reordered",
            "Reorder webhooks",
            "It waits until the next news was sent, or this long.",
            seconds=20,
        ),
        Kind(
            "webhook_corrupted",
            "Corrupt the webhook",
            "Its first attempt is signed wrongly, the next by the schedule is right.",
        ),
        Kind(
            "api_500_before", "API fails before the effect", "A write answers 500 and does nothing."
        ),
        Kind(
            "api_500_after", "API fails after the effect", "A write is done, and then answers 500."
        ),
        Kind(
            "api_timeout_before",
            "API hangs before the effect",
            "A write hangs for this long, and then does nothing.",
            seconds=10,
        ),
        Kind(
            "api_timeout_after",
            "API hangs after the effect",
            "A write is done, and then hangs for this long.",
            seconds=10,
        ),
        Kind(
            "payout_fails",
            "Payout fails later",
            "A payout is accepted, waits this long, and then fails.",
            seconds=2,
        ),
    )
}
