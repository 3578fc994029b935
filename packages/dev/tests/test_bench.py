"""What the bench shows of given figures."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from batua_dev.bench.chart import draw
from batua_dev.bench.measuring import Result, Turn
from batua_dev.bench.report import BEGIN, END, publish, table


def result(name: str, *rates: float) -> Result:
    return Result(name, f"the {name}", [Turn(rate, 2.5, 0.75) for rate in rates])


RESULTS = [
    result("move", 1000, 2000, 1500),
    result("move_shop", 2000, 2000, 2000),
    result("separate", 500, 500, 500),
    result("separate_shop", 100, 100, 100),
    result("send", 20, 20, 20),
    result("pay", 50, 50, 50),
]


def test_a_path_is_compared_round_by_round_with_its_own_kind() -> None:
    lines = table(RESULTS).splitlines()

    assert lines[6] == "| the send | 20.0 | 0.013 | 0.04 | 2.5 ms | 0.75 ms |"
    assert lines[7] == "| the pay | 50.0 | 0.025 | 0.50 | 2.5 ms | 0.75 ms |"
    assert lines[2] == "| the move | 1,500 | 1.00 | 3.00 |  | 0.75 ms |"


def test_figures_stand_between_the_markers_and_nothing_else_changes(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    page = tmp_path / "page.md"
    page.write_text(f"Before\n\n{BEGIN}\nold\n{END}\n\nAfter\n")

    publish(RESULTS, page)
    publish(RESULTS, page)
    text = page.read_text()

    assert text.startswith(f"Before\n\n{BEGIN}\nMeasured on ")
    assert text.endswith(f"{END}\n\nAfter\n")
    assert text.count("| the send |") == 1
    assert "old" not in text


def test_a_page_without_markers_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "page.md").write_text("Nothing here\n")

    with pytest.raises(LookupError):
        publish(RESULTS, tmp_path / "page.md")

    assert (tmp_path / "page.md").read_text() == "Nothing here\n"


def test_the_chart_has_a_bar_for_each_on_a_scale_of_its_own() -> None:
    root = ET.fromstring(draw("How fast", [("slow & steady", 0.01), ("even", 1.0)]))  # noqa: S314
    bars = [float(each.get("width") or 0) for each in root.iter() if each.tag.endswith("rect")]

    assert len(bars) == 2
    assert bars[0] == pytest.approx(bars[1] / 3, abs=1)
    assert "slow & steady" in "".join(root.itertext())
