"""Text that people type: made whole, and freed of what cannot be seen."""

import re
import unicodedata

HIDDEN = {"Cc", "Cf", "Cn", "Co", "Cs"}  # controls, direction marks, joiners, unassigned
DIGIT_GROUPS = re.compile(r"\d+(?:[ .-]\d+)*")


def clean(typed: str) -> str:
    """NFC, one space between words, and no character that hides or turns the line around."""
    spaced = " ".join(typed.split())
    visible = "".join(char for char in spaced if unicodedata.category(char) not in HIDDEN)
    return unicodedata.normalize("NFC", " ".join(visible.split()))


def holds_card_number(text: str) -> bool:
    """Whether 13 to 19 digits in ``text``, perhaps in groups, pass the check of card numbers."""
    return any(
        _is_card_number("".join(groups[start:end]))
        for run in DIGIT_GROUPS.findall(text)
        for groups in [re.split(r"[ .-]", run)]
        for start in range(len(groups))
        for end in range(start + 1, len(groups) + 1)
    )


def _is_card_number(digits: str) -> bool:
    if not 13 <= len(digits) <= 19:
        return False
    doubled = [int(d) * (1 + (i + len(digits)) % 2) for i, d in enumerate(digits, start=1)]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0
