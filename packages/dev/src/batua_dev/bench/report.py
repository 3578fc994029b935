"""What is shown of the results: a table, a chart, and where they stand in a page."""

import os
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from .chart import draw
from .measuring import Result

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
# What a path is compared with; what is not named here, with what moves between people.
TO_SHOP = {"pay", "move_shop", "separate_shop"}


def table(results: Sequence[Result]) -> str:
    """Each with its rate, its ratios to the ledger alone, and its CPU, in Markdown."""
    by_name = {each.name: each for each in results}
    lines = [
        "| | a second | ÷ `ledger.move` | ÷ separate statements | Python, CPU | PostgreSQL, CPU |",
        "|---|---|---|---|---|---|",
    ]
    for each in results:
        move, separate = compared(each, by_name)
        python = "" if each.name in {*_alone(by_name)} else f"{each.python:.1f} ms"
        lines.append(
            f"| {each.title} | {each.rate:,.{0 if each.rate >= 100 else 1}f} | {_ratio(move)}"
            f" | {_ratio(separate)} | {python} | {each.postgres:.2f} ms |"
        )
    return "\n".join(lines)


def compared(result: Result, by_name: Mapping[str, Result]) -> tuple[float, float]:
    """How fast it is, with ``ledger.move`` as 1, and with separate statements as 1."""
    shop = "_shop" if result.name in TO_SHOP else ""
    return tuple(result.against(by_name[f"{other}{shop}"]) for other in ("move", "separate"))  # pyright: ignore[reportReturnType]


def publish(results: Sequence[Result], page: Path) -> None:
    """Write the table between the page's markers, and the chart beside the page."""
    picture = page.parent / "images" / "bench.svg"
    by_name = {each.name: each for each in results}
    paths = [each for each in results if each.name not in _alone(by_name)]
    bars = [(each.title, compared(each, by_name)[0]) for each in paths]
    picture.write_text(draw("How fast, with ledger.move alone as 1", bars))
    text = page.read_text()
    if BEGIN not in text:
        raise LookupError(f"{page} has no {BEGIN}")
    told = f"{where()}\n\n{table(results)}\n\n![The ratios as bars](images/bench.svg)"
    between = re.compile(f"{BEGIN}.*{END}", re.DOTALL)
    page.write_text(between.sub(lambda _: f"{BEGIN}\n{told}\n{END}", text))


def where() -> str:
    """When, on what, and how busy that was."""
    load = os.getloadavg()[1]
    return (
        f"Measured on {datetime.now(UTC):%-d %B %Y}, on {os.cpu_count()} cores with a load"
        f" average of {load:.1f}."
    )


def _alone(by_name: Mapping[str, Result]) -> list[str]:
    return [name for name in by_name if name.startswith(("move", "separate"))]


def _ratio(value: float) -> str:
    return f"{value:.2f}" if value >= 0.1 else f"{value:.2g}"
