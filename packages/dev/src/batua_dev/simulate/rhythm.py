"""How people live: what they do next, how much they spend, how long they think.

Most sums are small and a few people spend far more than the others. Everything is drawn
from the ``Random`` that is given; sums are whole paise.
"""

import math
from dataclasses import dataclass
from random import Random
from typing import Literal

Errand = Literal["add_money", "send", "pay", "recharge", "withdraw", "read_activity", "nothing"]

RUPEE = 100
USUAL = 80 * RUPEE  # the median of what somebody spends at once
SPREAD = 0.9  # of its logarithm
LEAST, MOST = RUPEE, 4_000 * RUPEE
BIG_SPENDERS, TIMES_BIGGER = 0.1, 6
RUNNING_LOW, PLENTY = 150 * RUPEE, 800 * RUPEE
LOADS = (500, 500, 1_000, 1_000, 2_000)  # rupees, as the page suggests them
RECHARGES = (19, 49, 99, 149, 199, 299)

# Out of a hundred visits.
ERRANDS: dict[Errand, int] = {
    "send": 28,
    "pay": 30,
    "recharge": 6,
    "read_activity": 16,
    "nothing": 20,
}
THINKS, LONGEST = 4.0, 30.0  # seconds: the median, and the most
NOTES = ("", "", "Chai", "Lunch", "Auto", "Rent share", "Thank you", "Vegetables", "Movie", "Dosa")


@dataclass(frozen=True, slots=True)
class Habit:
    """What kind of spender somebody is."""

    times: int  # what others spend


def habit(chance: Random) -> Habit:
    """One in ten spends far more than the others."""
    return Habit(TIMES_BIGGER if chance.random() < BIG_SPENDERS else 1)


def think(chance: Random) -> float:
    """Seconds until the next thing is done: mostly a few, now and then many."""
    return min(LONGEST, chance.lognormvariate(math.log(THINKS), 0.6))


def errand(chance: Random, *, balance: int) -> Errand:
    """What somebody came for, with ``balance`` paise in the wallet."""
    if balance < RUNNING_LOW:
        return "add_money"
    if balance > PLENTY and chance.random() < 0.08:
        return "withdraw"
    return chance.choices(list(ERRANDS), list(ERRANDS.values()))[0]


def sum_to_spend(chance: Random, habit: Habit, *, most: int) -> int:
    """A sum as people spend it, not more than ``most``: round ones, if they are larger."""
    drawn = chance.lognormvariate(math.log(USUAL * habit.times), SPREAD)
    paise = min(round(drawn), most, MOST)
    for step in (50 * RUPEE, 10 * RUPEE, RUPEE):
        if paise >= 10 * step:
            return paise // step * step
    return max(LEAST, paise)


def sum_to_load(chance: Random, habit: Habit) -> int:
    """What somebody adds from their bank."""
    return chance.choice(LOADS) * habit.times * RUPEE


def sum_to_withdraw(balance: int) -> int:
    """Half of what there is, in whole hundreds of rupees."""
    return max(RUPEE, balance // 2 // (100 * RUPEE) * 100 * RUPEE)


def typed(paise: int) -> str:
    """A sum as it is typed into a form."""
    return f"{paise // RUPEE}.{paise % RUPEE:02}"
