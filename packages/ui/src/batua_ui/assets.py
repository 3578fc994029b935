"""Our static files, under addresses that change with their content."""

import hashlib
import re
from pathlib import Path

from flask import Flask, Response, request

STATIC = Path(__file__).parent / "static"
A_YEAR = 365 * 24 * 3600
PREFIX = "/ui"
HASHES = {
    path.relative_to(STATIC).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    for path in sorted(STATIC.rglob("*"))
    if path.is_file()
}
ICONS = frozenset(re.findall(r'<symbol id="([a-z0-9-]+)"', (STATIC / "icons.svg").read_text()))


def asset(name: str) -> str:
    """The address of a static file; a mistyped name is a ``KeyError``.

    Written without ``url_for``: a page names an icon thirty times.
    """
    return f"{request.script_root}{PREFIX}/{name}?v={HASHES[name]}"


def icon_url(name: str) -> str:
    """The address of one icon in the sprite."""
    if name not in ICONS:
        raise ValueError(f"no such icon in icons.svg: {name}")
    return f"{asset('icons.svg')}#{name}"


def cache(response: Response) -> None:
    """Keep a static file for good when its address names its content, else ask each time."""
    name = (request.view_args or {}).get("filename", "")
    current = response.status_code in {200, 304} and request.args.get("v") == HASHES.get(name)
    response.headers["Cache-Control"] = (
        f"public, max-age={A_YEAR}, immutable" if current else "no-cache"
    )


def init_app(app: Flask) -> None:
    """Let templates name static files and icons."""
    app.jinja_env.globals.update(asset=asset, icon_url=icon_url)
