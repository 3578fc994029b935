"""Amounts in words, as they are written out in India."""

from batua_db.money import Money

SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
    *("eighteen", "nineteen"),
)
TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
SCALES = ((1_00_00_000, "crore"), (1_00_000, "lakh"), (1000, "thousand"), (100, "hundred"))


def amount_in_words(amount: Money) -> str:
    """``Rupees one lakh twenty thousand five hundred and fifty paise only``."""
    rupees, paise = divmod(abs(amount).paise, 100)
    parts = [f"Rupees {_number(rupees)}"] if rupees or not paise else []
    if paise:
        parts.append(f"{_number(paise)} {'paise' if paise > 1 else 'paisa'}")
    text = " and ".join(parts)
    return f"{text[0].upper()}{text[1:]} only"


def _number(number: int) -> str:
    if number < 20:
        return SMALL[number]
    for size, name in SCALES:
        if number >= size:
            return _joined(f"{_number(number // size)} {name}", number % size)
    return "-".join(filter(None, (TENS[number // 10], SMALL[number % 10] if number % 10 else "")))


def _joined(head: str, rest: int) -> str:
    return f"{head} {_number(rest)}" if rest else head
