"""The import contracts catch what they are there for: a violation of each kind is planted in a copy and found."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("config", "analytics", "trust", "marketplace", "payments", "logistics", "core")

PLANTED = [
    (
        "modules lean downwards",
        "payments/escrow/rules.py",
        "import marketplace.contracts",
        "Modules lean downwards only",
    ),
    ("siblings are strangers", "payments/facade.py", "import logistics.facade", "Modules lean downwards only"),
    (
        "doors are protected",
        "trust/facade.py",
        "import marketplace.orders.services",
        "marketplace is entered only by its facade",
    ),
    ("slices have an order", "payments/ledger/rules.py", "import payments.escrow.rules", "Inside payments"),
    (
        "services stand below views",
        "marketplace/orders/services.py",
        "import marketplace.orders.views",
        "Inside a slice",
    ),
    ("contracts are plain", "payments/contracts.py", "import django.db", "Contracts and events are plain Python"),
    (
        "services know no HTTP",
        "payments/escrow/services.py",
        "import rest_framework.response",
        "Services know neither HTTP nor Celery",
    ),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("house")
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package,
            folder / package,
            ignore=shutil.ignore_patterns("__pycache__", "static", "locale", "templates"),
        )
    shutil.copy(ROOT / ".importlinter", folder)
    return folder


def lint(folder: Path) -> tuple[int, str]:
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command; lint_imports_command()",
        "--no-cache",
    ]
    done = subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        env={"PATH": "", "PYTHONPATH": str(folder), "HOME": str(folder)},
    )
    return done.returncode, done.stdout + done.stderr


def test_the_house_as_it_is_holds(copy):
    code, output = lint(copy)
    assert code == 0, output[-3000:]


@pytest.mark.parametrize(("_what", "path", "line", "contract"), PLANTED, ids=[p[0] for p in PLANTED])
def test_a_planted_violation_is_caught(copy, _what, path, line, contract):
    file = copy / path
    before = file.read_text()
    file.write_text(before + f"\n{line}\n")
    try:
        code, output = lint(copy)
    finally:
        file.write_text(before)
    assert code != 0
    broken = [row for row in output.splitlines() if "BROKEN" in row]
    assert any(contract in row for row in broken), broken


def test_a_new_slice_must_be_given_its_place(copy):
    slice_ = copy / "payments" / "newcomer"
    slice_.mkdir()
    (slice_ / "__init__.py").touch()
    try:
        code, output = lint(copy)
    finally:
        shutil.rmtree(slice_)
    assert code != 0
    assert "newcomer" in output
