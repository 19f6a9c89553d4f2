"""bin/run: ports, leftovers of killed runs, resets and half-made demo worlds."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys

import pytest

from config import embedded, launcher
from config.embedded import EmbeddedError, Servers

SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]


@pytest.fixture
def sleeper():
    """Starts processes as the launcher does; ends those that are left."""
    started = []

    def start() -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen(SLEEPER, cwd=embedded.BASE_DIR, start_new_session=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_a_taken_port_gives_the_next_one():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert launcher.pick_port(port) > port


@pytest.mark.parametrize("text", ["x", "80", "70000", "-1"])
def test_a_port_that_is_none_is_refused(monkeypatch, text):
    monkeypatch.setenv("PORT", text)
    with pytest.raises(EmbeddedError, match="PORT"):
        launcher.wanted_port()


def test_one_house_for_each_data_folder(tmp_path):
    with embedded.hold_folder(tmp_path), pytest.raises(EmbeddedError, match="in use"):
        embedded.hold_folder(tmp_path)
    embedded.hold_folder(tmp_path).close()  # free again


def test_leftovers_of_a_killed_run_end_and_strangers_stay(tmp_path, sleeper):
    leftover = sleeper()
    stranger = subprocess.Popen(["/bin/sleep", "600"], cwd="/", start_new_session=True)
    try:
        (tmp_path / "processes").write_text(f"{leftover.pid}\n{stranger.pid}\n999999999\n")
        launcher.end_leftovers(tmp_path)
        assert leftover.wait(5) == -signal.SIGTERM
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()
    assert not (tmp_path / "processes").exists()


def test_a_process_that_will_not_end_is_ended_by_force(monkeypatch):
    monkeypatch.setattr(launcher, "STOP_SECONDS", 0.2)
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print('ready', flush=True); time.sleep(600)"
    with subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        launcher.end_groups([process.pid])
        assert process.wait(5) == -signal.SIGKILL


def test_a_stale_pid_file_ends_nobody(tmp_path, sleeper):
    process = sleeper()
    cluster = tmp_path / "postgres"
    cluster.mkdir()
    (cluster / "postmaster.pid").write_text(f"{process.pid}\n{cluster}\n")
    embedded.end_previous_postgres(cluster)
    assert process.poll() is None
    assert not (cluster / "postmaster.pid").exists()


def test_a_reset_asks(tmp_path, monkeypatch, capsys):
    (tmp_path / "postgres").mkdir()
    (tmp_path / "secrets.json").write_text("{}")
    monkeypatch.setattr("builtins.input", lambda _question: "yes")
    assert launcher.reset(tmp_path, assume_yes=False) is False
    assert (tmp_path / "secrets.json").exists()
    monkeypatch.setattr("builtins.input", lambda _question: "delete")
    assert launcher.reset(tmp_path, assume_yes=False) is True
    assert list(tmp_path.iterdir()) == []
    assert "Nothing was deleted" in capsys.readouterr().out


def test_secrets_are_made_once_and_are_private(tmp_path):
    made = embedded.local_secrets(tmp_path)
    assert embedded.local_secrets(tmp_path) == made
    assert (tmp_path / "secrets.json").stat().st_mode & 0o077 == 0
    assert all(len(value) >= 40 for value in made.values())


class FakeHouse:
    """Records the management commands instead of running them; `failing` ends badly."""

    def __init__(self, data, failing=""):
        self.data, self.failing, self.ran = data, failing, []

    def manage(self, *arguments, owner=False):
        self.ran.append(arguments[0])
        if arguments[0] == self.failing:
            raise EmbeddedError("interrupted")


def test_an_interrupted_demo_world_is_made_again(tmp_path, monkeypatch):
    cleared = []
    monkeypatch.setattr(launcher, "recreate_database", cleared.append)
    mine = Servers("app", "owner", "admin", "redis", embedded=True)
    with pytest.raises(EmbeddedError):
        launcher.prepare(FakeHouse(tmp_path, failing="load_demo"), mine, small=True)
    assert cleared == []

    with pytest.raises(EmbeddedError, match="Empty the database"):  # never empties a database it did not start
        launcher.prepare(FakeHouse(tmp_path), Servers("app", "owner", "admin", "redis"), small=True)
    assert cleared == []

    again = FakeHouse(tmp_path)
    launcher.prepare(again, mine, small=True)
    assert cleared == [mine]
    assert "load_demo" in again.ran

    third = FakeHouse(tmp_path)
    launcher.prepare(third, mine, small=True)
    assert third.ran == []  # nothing has changed since


def test_the_schema_is_looked_at_again_when_a_migration_or_the_database_is_not_ours(tmp_path, monkeypatch):
    mine = Servers("app", "owner", "admin", "redis", embedded=True)
    launcher.prepare(FakeHouse(tmp_path), mine, small=True)
    elsewhere = FakeHouse(tmp_path)
    launcher.prepare(elsewhere, Servers("app", "owner", "admin", "redis"), small=True)
    assert elsewhere.ran == ["migrate"]

    real = launcher.digest_of
    monkeypatch.setattr(launcher, "digest_of", lambda patterns: real(patterns) + str(patterns is launcher.MIGRATIONS))
    changed = FakeHouse(tmp_path)
    launcher.prepare(changed, mine, small=True)
    assert "migrate" in changed.ran
