"""QR codes, drawn."""

from io import BytesIO

import segno

INK = "#0b1736"


def svg(link: str) -> bytes:
    """A QR as a picture of any size."""
    picture = BytesIO()
    look = {"dark": INK, "light": "#ffffff", "border": 4}
    _code(link).save(picture, kind="svg", omitsize=True, svgclass=None, lineclass=None, **look)
    return picture.getvalue()


def png(link: str) -> bytes:
    """A QR as a picture to paste and to print: some 800 points wide."""
    picture, code = BytesIO(), _code(link)
    scale = max(1, 800 // code.symbol_size(border=4)[0])
    code.save(picture, kind="png", scale=scale, border=4, dark=INK, light="#ffffff")
    return picture.getvalue()


def _code(link: str) -> segno.QRCode:
    return segno.make_qr(link, error="m")
