"""What the README, the guide for developers and the site tell people to type."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from .visits import ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
SHELLS = r"^```(?:console|sh|bash|shell)\n(.*?)^```"


class Block(NamedTuple):
    """A block of commands: where it stands, below which heading, and the commands."""

    page: str
    heading: str
    commands: list[str]


def blocks() -> Iterator[Block]:
    """Every block of commands, page by page."""
    for page in PAGES:
        text = page.read_text()
        for found in re.finditer(SHELLS, text, re.MULTILINE | re.DOTALL):
            headings = re.findall(r"^#+ (.+)$", text[: found.start()], re.MULTILINE)
            name = str(page.relative_to(ROOT))
            yield Block(name, headings[-1] if headings else "", commands(found[1]))


def commands(block: str) -> list[str]:
    """The commands of a block, without what they print and what is said of them."""
    lines = block.replace("\\\n", " ").splitlines()
    prompted = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    typed = prompted or [line for line in lines if line and not line.startswith("#")]
    return [re.sub(r"\s+#.*$", "", line).strip() for line in typed]


def of_compose(command: str) -> bool:
    """Whether it needs Docker, or says what Docker is told."""
    return command.startswith(("docker compose ", "export "))
