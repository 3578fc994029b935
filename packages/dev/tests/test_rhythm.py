"""How people of the simulated city live."""

from collections import Counter
from random import Random

from batua_dev.simulate import rhythm
from batua_dev.simulate.rhythm import Habit


def dice(seed: int) -> Random:
    return Random(seed)  # noqa: S311


def test_most_sums_are_small_and_few_people_spend_most() -> None:
    chance = dice(5)
    people = [rhythm.habit(chance) for _ in range(500)]
    spent = [
        (person.times, [rhythm.sum_to_spend(chance, person, most=10**9) for _ in range(10)])
        for person in people
    ]
    sums = sorted(each for _, some in spent for each in some)
    big = sum(sum(some) for times, some in spent if times > 1)

    assert sums[len(sums) // 2] < 150_00
    assert rhythm.LEAST <= sums[0] <= sums[-1] <= rhythm.MOST
    assert 0.05 < sum(person.times > 1 for person in people) / 500 < 0.2
    assert big > sum(sums) / 4


def test_nobody_spends_more_than_they_have() -> None:
    chance = dice(6)

    for balance in (1_00, 7_35, 150_00):
        for _ in range(200):
            assert rhythm.sum_to_spend(chance, Habit(6), most=balance) <= balance


def test_large_sums_are_round() -> None:
    chance = dice(7)
    sums = [rhythm.sum_to_spend(chance, Habit(6), most=10**9) for _ in range(300)]

    assert {each % 10_00 for each in sums if each >= 100_00} == {0}
    assert {each % 50_00 for each in sums if each >= 500_00} == {0}


def test_who_runs_low_adds_money_and_who_has_plenty_may_withdraw() -> None:
    chance = dice(8)
    low = {rhythm.errand(chance, balance=20_00) for _ in range(50)}
    some = Counter(rhythm.errand(chance, balance=500_00) for _ in range(500))
    much = Counter(rhythm.errand(chance, balance=5_000_00) for _ in range(500))

    assert low == {"add_money"}
    assert set(some) == set(rhythm.ERRANDS)
    assert set(much) == {*rhythm.ERRANDS, "withdraw"}
    assert some["pay"] > some["recharge"]


def test_people_think_a_few_seconds_and_now_and_then_longer() -> None:
    chance = dice(9)
    thinks = sorted(rhythm.think(chance) for _ in range(1000))

    assert 3 < thinks[500] < 5
    assert thinks[900] > 7
    assert thinks[-1] <= rhythm.LONGEST


def test_sums_are_typed_in_rupees() -> None:
    assert [rhythm.typed(paise) for paise in (1, 100, 12_345)] == ["0.01", "1.00", "123.45"]
    assert rhythm.sum_to_withdraw(1_950_00) == 900_00
