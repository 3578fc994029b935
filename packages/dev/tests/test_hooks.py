"""What the git hooks refuse, in a repository with the hooks of this one."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LOCK = 'version = 1\nrequires-python = ">=3.11"\n'
PROJECT = '[project]\nname = "till"\nversion = "1"\nrequires-python = ">=3.11"\n'


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with nothing in it but the hooks, as ``just setup`` installs them."""
    shutil.copy(ROOT / ".pre-commit-config.yaml", tmp_path)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / ".gitignore").write_text(".venv\n.git-home\n")
    git(tmp_path, "init", "--quiet")
    run(tmp_path, ".venv/bin/prek", "install")
    return tmp_path


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run in ``folder``, as somebody with settings of nobody's."""
    environment = {name: value for name, value in os.environ.items() if name[:4] != "GIT_"}
    environment |= {"HOME": str(folder / ".git-home"), "GIT_CONFIG_NOSYSTEM": "1"}
    for role in ("AUTHOR", "COMMITTER"):
        environment |= {f"GIT_{role}_NAME": "Asha", f"GIT_{role}_EMAIL": "asha@example.com"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run git in ``folder``."""
    return run(folder, "git", *arguments)


def test_a_subject_is_short_and_imperative(repository: Path) -> None:
    good = [
        "Add payees",
        "Bring payees in order\n\nThey were in the order of their ids.\n",
        "fixup! Add payees",
        "A" + "d" * 71,
    ]
    bad = [
        "A" + "d" * 72,
        "add payees",
        "Added payees",
        "Adds payees",
        "Add payees.",
        "feat: add payees",
        "Add payees\nand more of them",
    ]

    taken = [
        message
        for message in good + bad
        if git(repository, "commit", "--allow-empty", "--message", message).returncode == 0
    ]

    assert taken == good


def test_what_is_committed_is_looked_at(repository: Path) -> None:
    flaws = {
        "ruff": ("imports.py", "import os\n"),
        "ruff-format": ("spaces.py", "print( 'namaste' )\n"),
        "secrets": ("key.txt", "key = AKIA" + "IOSFODNN7QWERTYU\n"),
        "detect-private-key": ("private.txt", "-----BEGIN RSA PRIVATE" + " KEY-----\n"),
        "trailing-whitespace": ("till.txt", "a space \n"),
        "end-of-file-fixer": ("end.txt", "no end"),
        "check-added-large-files": ("ledger.bin", "\0" * 1_600_000),
        "uv-lock": ("pyproject.toml", PROJECT),
    }
    for name, content in (*flaws.values(), ("uv.lock", LOCK)):
        (repository / name).write_text(content)
    git(repository, "add", "--all")

    commit = git(repository, "commit", "--message", "Add a till")

    assert commit.returncode != 0
    assert set(re.findall("^- hook id: (.+)$", commit.stderr, re.MULTILINE)) == set(flaws)


def test_what_is_as_it_should_be_is_committed(repository: Path) -> None:
    (repository / "till.py").write_text('"""A till."""\n\nPAISE = 100\n')
    git(repository, "add", "--all")

    commit = git(repository, "commit", "--message", "Add a till")

    assert commit.returncode == 0, commit.stderr
