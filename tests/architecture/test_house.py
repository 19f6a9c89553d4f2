"""The shape of the house: sizes, doors, names, state machines, events, migrations."""

from __future__ import annotations

import ast
import importlib
import itertools
from enum import StrEnum
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models
from django.db.migrations.loader import MigrationLoader

from core.errors import TransitionRefused
from core.states import next_state

ROOT = Path(__file__).resolve().parents[2]
MODULES = ("payments", "logistics", "marketplace", "trust", "analytics")
PACKAGES = ("core", "config", *MODULES)
MAX_FILE_LINES = 500
MAX_FUNCTION_LINES = 70
FURNITURE_FORBIDDEN = {"utils.py", "helpers.py", "common.py", "misc.py", "manager.py"}


def python_files(*packages: str) -> list[Path]:
    return [
        path
        for package in packages
        for path in sorted((ROOT / package).rglob("*.py"))
        if "migrations" not in path.parts
    ]


def test_files_and_functions_stay_small():
    too_large = []
    for path in python_files(*PACKAGES):
        source = path.read_text()
        if source.count("\n") > MAX_FILE_LINES:
            too_large.append(f"{path.relative_to(ROOT)}: {source.count(chr(10))} lines")
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > MAX_FUNCTION_LINES:
                    too_large.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}: {length} lines")
    assert not too_large, "\n".join(too_large)


def test_no_drawer_for_everything():
    found = [str(p.relative_to(ROOT)) for p in python_files(*PACKAGES) if p.name in FURNITURE_FORBIDDEN]
    assert not found


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_the_same_door(module):
    for name in ("facade", "contracts", "handlers", "tasks", "urls", "api_urls", "admin", "models", "apps"):
        assert (ROOT / module / f"{name}.py").exists(), f"{module}/{name}.py is missing"


@pytest.mark.parametrize(
    "path", [p for p in python_files(*MODULES) if p.name == "services.py"], ids=lambda p: str(p.relative_to(ROOT))
)
def test_services_take_keywords_and_never_read_the_clock(path):
    tree = ast.parse(path.read_text())
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and is_command(node):
            assert not node.args.args, f"{path}:{node.lineno} {node.name} takes positional arguments"
            assert ast.get_docstring(node), f"{path}:{node.lineno} {node.name} says nothing"
    source = path.read_text()
    assert "utc_now" not in source
    assert "timezone.now" not in source
    assert "datetime.now" not in source


def is_command(node: ast.FunctionDef) -> bool:
    """A verb of the slice: somebody does it, at a moment."""
    names = {argument.arg for argument in [*node.args.args, *node.args.kwonlyargs]}
    return bool(names & {"actor", "now"}) and "escrow" not in names


def machines():
    """Every states.py that has a TRANSITIONS mapping of (state, action) -> state."""
    for path in python_files(*MODULES):
        if path.name != "states.py":
            continue
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        transitions = getattr(importlib.import_module(name), "TRANSITIONS", None)
        if transitions:
            yield pytest.param(transitions, id=name)


@pytest.mark.parametrize("transitions", list(machines()))
def test_every_pair_of_state_and_action_is_allowed_or_refused(transitions):
    (state, *rest) = next(iter(transitions))
    action = rest[0]
    states: type[StrEnum] = type(state)
    actions: type[StrEnum] = type(action)
    for current, act in itertools.product(states, actions):
        keys = [key for key in transitions if key[0] == current and key[1] == act]
        if keys and len(keys[0]) == 2:
            assert next_state(transitions, current, act) == transitions[(current, act)]
        elif not keys:
            with pytest.raises(TransitionRefused):
                next_state(transitions, current, act)
    reachable = {key[0] for key in transitions} | set(transitions.values())
    assert set(states) <= reachable, f"no way to or from {set(states) - reachable}"


def test_events_are_documented():
    call_command("document_events", "--check", stdout=StringIO())


def test_foreign_keys_point_down_and_protect():
    rank = {"core": 0, "payments": 1, "logistics": 1, "marketplace": 2, "trust": 3, "analytics": 4}
    wrong = []
    for model in apps.get_models():
        label = model._meta.app_label
        if label not in rank:
            continue
        for field in model._meta.get_fields():
            if not isinstance(field, models.ForeignKey):
                continue
            target = field.related_model._meta.app_label
            if target in rank and target != label and rank[target] >= rank[label]:
                wrong.append(f"{model.__name__}.{field.name} points up or sideways")
            if target in rank and label != "core" and field.remote_field.on_delete is not models.PROTECT:
                wrong.append(f"{model.__name__}.{field.name} is not PROTECT")
    assert not wrong, "\n".join(wrong)


def test_migrations_are_linear():
    loader = MigrationLoader(None)
    for module in ("core", *MODULES):
        leaves = loader.graph.leaf_nodes(module)
        assert len(leaves) == 1, f"{module} has {len(leaves)} ends: {leaves}"
        names = sorted(name for label, name in loader.graph.nodes if label == module)
        numbers = [int(name.split("_")[0]) for name in names]
        assert numbers == list(range(1, len(numbers) + 1)), names


def test_nothing_names_a_machine_or_a_registry():
    suspicious = ("/opt/pypi", "pypi.org/simple", "/root/", "/work/")
    found = []
    for path in [
        *python_files(*PACKAGES, "tests"),
        *ROOT.glob("bin/*"),
        ROOT / "requirements.lock",
        ROOT / "README.md",
    ]:
        if path == Path(__file__) or not path.is_file():
            continue
        text = path.read_text(errors="replace")
        found += [f"{path.relative_to(ROOT)}: {word}" for word in suspicious if word in text]
    assert not found
