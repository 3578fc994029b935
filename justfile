# Batua's commands. Run them as `uv run just <recipe>`: nothing but uv needs to be installed.

set positional-arguments

# The tools of the virtual environment, also for those who have a `just` of their own.
export PATH := justfile_directory() / ".venv/bin" + ":" + env("PATH")

# List the recipes
[private]
default:
    @just --list

# Run everything: PostgreSQL, Valkey, both apps and their workers, with demo people
[group('1 run')]
dev:
    @exec python -m batua_dev dev

# Throw away the development data: databases, secrets, everything in .data/
[group('1 run')]
reset:
    @exec python -m batua_dev reset

# Put the demo people, banks and customers in; safe to run twice
[group('1 run')]
seed:
    @exec python -m batua_dev seed

# Prove the books: they balance, nothing was changed, wallet and bank agree (--json)
[group('1 run')]
audit *args:
    @exec python -m batua_dev audit "$@"

# Let a small city of people live in the system, then prove the books (--people 20 --minutes 2)
[group('1 run')]
simulate *args:
    @exec uv run --quiet --group load python -m batua_dev simulate "$@"

# Everything that CI checks: if this passes, CI passes
[group('2 check')]
check: lint test

# Run the tests, all or some: just test apps/user -k send
[group('2 check')]
test *args:
    @exec python -m batua_dev test "$@"

# Measure the main paths against the ledger alone; or `bench history`, `bench cache`
[group('2 check')]
bench *args:
    @exec python -m batua_dev.bench "$@"

# Style, types, who may import whom, the lock file, workflows, images, compose files, scripts
[group('2 check')]
lint:
    ruff check
    ruff format --check
    lint-imports
    basedpyright
    uv lock --check
    check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
    check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
    check-jsonschema --builtin-schema vendor.compose-spec compose*.yaml
    zizmor --offline --quiet --pedantic .github
    hadolint Dockerfile .devcontainer/Dockerfile
    @if command -v shellcheck >/dev/null; then echo shellcheck .ci/*; shellcheck .ci/*; fi

# Format the code, and mend what can be mended
[group('2 check')]
fmt:
    ruff check --fix
    ruff format

# Bring both databases to the latest migration
[group('3 database')]
migrate:
    @exec python -m batua_dev migrate

# Write a migration from the models: just migration "add payees"
[group('3 database')]
migration message:
    @exec python -m batua_dev migration "$1"

# Install everything, and the git hooks
[group('4 build')]
setup:
    uv sync --all-packages
    prek install --force

# Build a wheel of every member into dist/
[group('4 build')]
build:
    uv build --all-packages --wheel --out-dir dist

# Build the images batua-user and batua-bank, with docker or else buildah
[group('4 build')]
images:
    #!/usr/bin/env bash
    set -euo pipefail
    builder=$(command -v docker || command -v buildah) || {
        echo "Neither docker nor buildah is installed." >&2
        exit 1
    }
    for app in user bank; do
        "$builder" build --build-arg "APP=$app" --tag "batua-$app" .
    done

# Do the main job in a system that runs: just drive https://wallet.localhost https://bank.localhost
[group('4 build')]
drive wallet bank:
    @exec python -m batua_dev.drive "$1" "$2"

# Build the site of docs/ into site/; a link that leads nowhere fails it
[group('5 docs')]
docs:
    uv run --only-group docs zensical build --clean --strict

# Look at the site while writing: http://localhost:8000, or --dev-addr elsewhere
[group('5 docs')]
docs-serve *args:
    @exec uv run --only-group docs zensical serve "$@"

# Make the pictures of the README and the tour anew, with Chromium
[group('5 docs')]
screenshots:
    @exec python -m batua_dev test packages/dev/tests/screenshots.py -n0 -q
