"""Paper for statements: A4, numbered pages, in fonts that have the rupee and Hindi."""

import re
from pathlib import Path
from typing import Literal, cast

from fpdf import FPDF
from fpdf.fonts import TTFFont

FONTS = Path(__file__).parent / "fonts"
MARGIN = 16.0  # millimetres, as everything here
INK, SOFT, LINE = (11, 23, 54), (80, 88, 119), (224, 225, 238)
ANOTHER_SCRIPT = "\N{REPLACEMENT CHARACTER}"
HINDI = re.compile("[\u0900-\u097f]")


class Paper(FPDF):
    """Pages with a foot. ``title`` stands in it; text is cut where its place ends."""

    def __init__(self, title: str) -> None:
        super().__init__(format="A4")
        self.add_font("noto", "", FONTS / "noto-regular.ttf")
        self.add_font("noto", "B", FONTS / "noto-semibold.ttf")
        self.foot = title
        self.set_margin(MARGIN)
        self.c_margin = 0
        self.set_auto_page_break(auto=False)
        self.set_title(title)
        self.set_lang("en-IN")
        self.add_page()

    def use(self, size: float, *, bold: bool = False, colour: tuple[int, int, int] = INK) -> None:
        """Write on in this size (points) and colour."""
        self.set_font("noto", "B" if bold else "", size)
        self.set_text_color(*colour)

    def put(self, text: str, x: float, width: float, *, align: Literal["L", "R"] = "L") -> None:
        """Write ``text`` on the line ``y``, between ``x`` and ``x + width``."""
        shown = self._fitting(self._known(text), width)
        if shown.isascii() or not HINDI.search(shown):
            left = width - self.get_string_width(shown) if align == "R" else 0
            return self.text(x + left, self.y, shown)
        base = self.y
        self.set_xy(x, base - 0.8 * self.font_size)  # where `cell` has its baseline
        with self.local_context():
            self.set_text_shaping(True)
            self.cell(width, self.font_size, shown, align=align)
        return self.set_y(base)

    def rule(self) -> None:
        """Draw a line across the page, here."""
        self.set_draw_color(*LINE)
        self.set_line_width(0.2)
        self.line(MARGIN, self.y, self.w - MARGIN, self.y)

    @property
    def room(self) -> float:
        """What is left of the page."""
        return self.h - 22 - self.y

    def footer(self) -> None:
        """Name the document, and count its pages."""
        self.set_y(-12)
        self.use(8, colour=SOFT)
        self.put(self.foot, MARGIN, 120)
        self.set_xy(self.w - MARGIN - 20, self.y - 0.8 * self.font_size)
        self.cell(20, self.font_size, f"Page {self.page_no()} of {{nb}}")

    def _known(self, text: str) -> str:
        """Text as far as the font has it: letters of other scripts leave a mark, emoji none."""
        known = cast(TTFFont, self.current_font).cmap
        return "".join(
            char if ord(char) in known else ANOTHER_SCRIPT if char.isalnum() else ""
            for char in text
        ).strip()

    def _fitting(self, text: str, width: float) -> str:
        """As much of ``text`` as fits, with … where it was cut."""
        if self.get_string_width(text) <= width:
            return text
        while text and self.get_string_width(f"{text}…") > width:
            text = text[:-1]
        return f"{text.rstrip()}…"
