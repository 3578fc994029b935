"""Every command that people are told to type is run, or it is said here where else it is."""

import importlib.util
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from batua_config.settings import Settings
from batua_dev.system import System

from .guides import Block, blocks, of_compose
from .visits import ROOT

# What can't be run here: it ends only with Ctrl-C, or it is the run that this test is part of,
# or takes long. With each the place that runs it.
ELSEWHERE = {
    "pip install uv": ".ci/run",
    "pip install uv && uv run just test": ".ci/run",
    "pip install uv && uv run just dev": "packages/dev/tests/test_dev.py",
    "uv run just dev": "packages/dev/tests/test_dev.py",
    "uv run just check": ".github/workflows/ci.yml",
    "uv run just docs": "packages/dev/tests/test_site.py",
    "uv run just docs-serve": "packages/dev/tests/test_site.py",
    "uv run just screenshots": "packages/dev/tests/screenshots.py",
    "BANK=http://localhost:3002 CLIENT=your-client SECRET=whsec_… PORT=8100"
    " python take_a_payment.py": "packages/dev/tests/test_integrate.py",
}
OPERATE = "docs/operate.md"  # by `test_operate.py`, in the order of the page
PICTURES = 1_500_000  # bytes of all together, at most


def here(block: Block) -> list[str]:
    """What of a block is run by this file."""
    if block.page == OPERATE:
        return []
    return [line for line in block.commands if line not in ELSEWHERE and not of_compose(line)]


RUN_HERE = sorted({command for block in blocks() for command in here(block)})


@pytest.mark.e2e
@pytest.mark.parametrize("command", RUN_HERE)
def test_it_does_what_people_are_told(command: str, system: System, tmp_path: Path) -> None:
    environment = {**os.environ, **system.environment, "BATUA_DATA": str(tmp_path)}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_run_elsewhere_is_still_told_and_still_there() -> None:
    told = {command for block in blocks() for command in block.commands}

    assert set(ELSEWHERE) <= told
    assert [place for place in ELSEWHERE.values() if not (ROOT / place).exists()] == []


def test_every_recipe_that_is_told_is_there() -> None:
    just = Path(sys.executable).with_name("just")
    recipes = subprocess.check_output([just, "--summary"], cwd=ROOT, text=True).split()
    told = [command for block in blocks() for command in block.commands]
    named = {name for line in told for name in re.findall(r"uv run just ([a-z][a-z-]*)", line)}

    assert named
    assert named <= set(recipes)


def test_commands_for_compose_name_what_compose_knows() -> None:
    for block in blocks():
        for command in filter(of_compose, block.commands):
            words = shlex.split(command)
            if words[0] == "export":
                known = composed("compose.yaml")
                assert_read(names={word.partition("=")[0] for word in words[1:]}, known=known)
            else:
                files, words = named_files(words[2:])
                services = {name for file in files for name in composed(file)["services"]}
                assert_known(words, services=services)


def named_files(words: list[str]) -> tuple[list[str], list[str]]:
    """Which files a command is about, and the rest of it."""
    files = []
    while words[0] == "-f":
        files, words = [*files, words[1]], words[2:]
    return files or ["compose.yaml"], words


def composed(file: str) -> Any:
    return yaml.safe_load((ROOT / file).read_text())


def assert_read(*, names: set[str], known: object) -> None:
    variables = set(re.findall(r"\$\{(\w+)", str(known)))
    assert names <= variables, f"{names - variables} says nothing to compose.yaml"
    assert names - {"BIND"} <= set(Settings.model_fields)


def assert_known(words: list[str], *, services: set[str]) -> None:
    verb, *rest = words
    assert verb in {"up", "build", "run"}
    named = [word for word in rest if not word.startswith("-")]
    if verb == "run":
        service, *command = named
        assert service in services
        if command[:1] == ["python"]:
            module = rest[rest.index("-m") + 1]
            assert importlib.util.find_spec(module), module
    else:
        assert set(named) <= services


def test_the_readmes_links_lead_somewhere() -> None:
    text = (ROOT / "README.md").read_text()
    links = re.findall(r"(?:\]\(|src=\"|srcset=\")([^)\"#]+)", text)
    own = [link for link in links if not link.startswith(("http:", "https:"))]

    assert own
    assert [link for link in own if not (ROOT / link).exists()] == []


def test_the_guide_for_developers_reads_the_same_on_the_site() -> None:
    """It is shown in two places, so that a relative link would be wrong in one of them."""
    text = (ROOT / "CONTRIBUTING.md").read_text()

    assert re.findall(r"\]\((?!https?:)[^)]*\)", text) == []


def test_each_page_is_in_the_sites_list() -> None:
    listed = set(re.findall(r'= "([\w-]+\.md)"', (ROOT / "zensical.toml").read_text()))

    assert listed == {page.name for page in (ROOT / "docs").glob("*.md")}


def test_pictures_are_shown_and_light_to_load() -> None:
    pages = "".join(page.read_text() for page in [ROOT / "README.md", *ROOT.glob("docs/*.md")])
    pictures = list(ROOT.glob("docs/images/*.png"))

    assert [picture.name for picture in pictures if picture.name not in pages] == []
    assert sum(picture.stat().st_size for picture in pictures) < PICTURES


def test_the_keys_in_the_pictures_of_money_are_those_of_the_code() -> None:
    told = (ROOT / "docs/money.md").read_text()
    drawn = set(re.findall(r"\b([a-z_]+):‹[\w-]+›((?::[a-z]+)*)", told))
    source = "\n".join(path.read_text() for path in ROOT.glob("apps/*/src/**/*.py"))

    assert len(drawn) >= 10
    for kind, rest in drawn:
        made = rf'f"(?:{kind}|\{{(?:key|kind(?:_of\(payout\))?)\}})(?::\{{[\w.]+\}})?{rest}"'
        assert re.search(made, source), f"{kind}:…{rest}"
