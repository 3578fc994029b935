"""A chart of bars as SVG, readable on light and on dark."""

import math
from collections.abc import Sequence
from html import escape

WIDTH, ROW, TOP, LABELS, ROOM = 760, 34, 48, 300, 380
LEAST, MOST = 0.001, 1.0  # the ends of the scale, which is logarithmic
STYLE = """
text { font: 14px system-ui, sans-serif; fill: #26313d }
.small { font-size: 12px }
line { stroke: #26313d; stroke-opacity: .25 }
rect { fill: #d98a00 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6e9ee } line { stroke: #e6e9ee } rect { fill: #f2b544 }
}
"""


def draw(title: str, bars: Sequence[tuple[str, float]]) -> str:
    """One bar for each ratio, from a thousandth to one."""
    height = TOP + ROW * len(bars) + 30
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        f"<title>{escape(title)}</title><style>{STYLE}</style>",
        f'<text x="0" y="20" font-weight="600">{escape(title)}</text>',
    ]
    for tick in (0.001, 0.01, 0.1, 1):
        x = LABELS + _length(tick)
        parts.append(f'<line x1="{x:.0f}" x2="{x:.0f}" y1="{TOP - 12}" y2="{height - 24}"/>')
        parts.append(f'<text class="small" x="{x - 8:.0f}" y="{height - 6}">{tick:g}</text>')
    for n, (label, ratio) in enumerate(bars):
        parts += _bar(label, ratio, TOP + ROW * n)
    return "\n".join([*parts, "</svg>", ""])


def _bar(label: str, ratio: float, y: int) -> list[str]:
    length = _length(ratio)
    return [
        f'<text x="0" y="{y + 16}">{escape(label)}</text>',
        f'<rect x="{LABELS}" y="{y}" width="{length:.0f}" height="22" rx="3"/>',
        f'<text class="small" x="{LABELS + length + 6:.0f}" y="{y + 16}">{ratio:.2g}</text>',
    ]


def _length(ratio: float) -> float:
    share = math.log(min(max(ratio, LEAST), MOST) / LEAST) / math.log(MOST / LEAST)
    return max(2.0, share * ROOM)
