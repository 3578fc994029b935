"""What holds for the workspace as a whole."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from batua_config.logs import ALLOWED, TRACEBACK

ROOT = Path(__file__).parents[3]
RECIPES = {
    *("dev", "reset", "seed", "audit", "simulate", "bench", "check", "test", "lint", "fmt"),
    *("migrate", "migration", "setup", "build", "images", "drive"),
}


def test_every_recipe_is_there_and_says_what_it_does() -> None:
    just = Path(sys.executable).with_name("just")
    dumped = subprocess.check_output([just, "--dump", "--dump-format", "json"], cwd=ROOT)
    recipes = json.loads(dumped)["recipes"]

    assert set(recipes) >= RECIPES
    assert [name for name, recipe in recipes.items() if not recipe["doc"]] == []


def test_whatever_is_logged_reaches_the_log() -> None:
    for path in (file for file in ROOT.glob("*/*/src/**/*.py") if "logs.get(" in file.read_text()):
        for line, names in logged(path):
            assert names <= ALLOWED | TRACEBACK, f"{path}:{line} logs what no log shows"


def logged(path: Path) -> Iterator[tuple[int, set[str]]]:
    """Where a module logs, and the names of the values that it gives."""
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="log")), keywords=given):
                yield node.lineno, {each.arg for each in given if each.arg}


def test_packages_come_from_the_public_index_alone() -> None:
    lock = tomllib.loads((ROOT / "uv.lock").read_text())
    sources = {source for package in lock["package"] for source in package["source"].items()}

    assert {where for kind, where in sources if kind == "registry"} == {"https://pypi.org/simple"}
    assert {kind for kind, _ in sources} <= {"registry", "editable", "virtual"}


def test_ci_ends_with_the_test_command_of_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    script = (ROOT / ".ci/run").read_text()

    assert re.findall(r"^pip install uv && uv run just test$", readme, re.MULTILINE)
    assert script.splitlines()[-1] == "pip install uv && uv run just test"


def test_the_workflow_runs_what_developers_run() -> None:
    workflow = (ROOT / ".github/workflows/ci.yml").read_text()
    runs = re.findall("run: uv run just (lint|test.*)", workflow)

    assert runs == ["lint", 'test -m "not browser"', "test -m browser --long"]
