"""Whatever the bank does wrong, in each flow: the wallet comes right by itself.

A few faults at once are in every run; the whole table, fault by fault, is behind ``long``.
"""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import get_args

import pytest

from batua_bank.payouts.service import Failure
from batua_config.settings import Settings
from batua_db.models.simulator import What
from batua_dev.system import System, until

from .healing import AMOUNT, Case, Trouble, start
from .test_main_job import everything_agrees

pytestmark = [pytest.mark.e2e]
NUMBERS = count(1)
TABLE = Path(".data/healing.txt")
NOT_OF_REFUNDS = {"decline", "payout_fails"}
CASES = [
    Case(flow, what, failure)
    for flow in ("add money", "payout", "refund")
    for what in get_args(What)
    if not (flow == "refund" and what in NOT_OF_REFUNDS)
    if not (flow == "add money" and what == "payout_fails")
    for failure in (get_args(Failure) if what == "payout_fails" else [None])
]
SHORT = [
    Case("add money", "webhook_lost"),
    Case("payout", "api_500_after"),
    Case("refund", "api_500_after"),
]


@pytest.fixture(scope="module")
def trouble(whole_system: System, worker_settings: Settings) -> Iterator[Trouble]:
    found = Trouble(whole_system, worker_settings)
    yield found
    found.close()


def comes_right(trouble: Trouble, cases: list[Case]) -> None:
    """All of them end as they should, nothing is double, and both books agree."""
    for case in cases:
        trouble.meet(case, next(NUMBERS))
    for case in cases:
        start(trouble, case)
    for case in cases:
        until(
            lambda case=case: trouble.is_over(case),
            f"{case} never {case.end}: {trouble.state(case)}",
            seconds=90,
        )
    until(trouble.is_at_rest, "the bank still has something to tell", seconds=40)
    assert trouble.has_happened(), "a fault was in nobody's way"
    for case in cases:
        here, there = trouble.moved(case)
        assert (here, there) == moves(case), case
    everything_agrees(trouble.system)


def moves(case: Case) -> tuple[list[int], list[int]]:
    """What is to move, in paise: in the person's wallet, and at the platform's bank."""
    paid = AMOUNT.paise
    if case.flow == "refund":
        return [], [paid, -paid]
    if case.flow == "payout":
        if case.end == "returned":
            return [paid, -paid, paid], []
        return [paid, -paid], [-paid]
    return ([paid], [paid]) if case.end == "credited" else ([], [])


def test_a_few_faults_at_once_heal_by_themselves(system: System, trouble: Trouble) -> None:
    comes_right(trouble, SHORT)


@pytest.mark.long
@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_fault_in_each_flow_heals_by_itself(
    system: System, trouble: Trouble, case: Case
) -> None:
    comes_right(trouble, [case])
    TABLE.parent.mkdir(exist_ok=True)
    with TABLE.open("a") as table:
        table.write(f"{case}\t{case.end}\t{case.healed - case.began:.1f}\n")
