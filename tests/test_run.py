"""`./run`: the sentences it says where it can't go on, and when it installs."""

import ast
import json
import subprocess
import sys
from collections.abc import Callable
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent
RUN = ROOT / "run"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The script as a module, with an environment folder of its own that doesn't exist yet."""
    monkeypatch.setenv("PECFED_VENV", str(tmp_path / "venv"))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    spec = spec_from_loader("run_script", SourceFileLoader("run_script", str(RUN)))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def start(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the script with nothing of ours in its environment."""
    command = [sys.executable, "-I", str(RUN), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def pretend(run: ModuleType, *, fails: Callable[[str], bool]) -> list[str]:
    """Let `run` start nothing: every command succeeds, or fails where `fails` says so."""
    started: list[str] = []

    def quiet(*command: object) -> subprocess.CompletedProcess[str]:
        line = " ".join(map(str, command))
        started.append(line)
        return subprocess.CompletedProcess([], int(fails(line)), "no route to host")

    vars(run)["quiet"] = quiet
    return started


def test_it_parses_on_an_old_python() -> None:
    """Otherwise a SyntaxError would be all that an old Python says."""
    ast.parse(RUN.read_text("utf-8"), feature_version=(3, 6))


def test_an_old_python_gets_one_sentence() -> None:
    """It names what it found and what is needed."""
    code = f"import sys, runpy; sys.version_info = (3, 9, 2); runpy.run_path({str(RUN)!r})"
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "needs Python 3.11 or newer" in done.stderr
    assert f"Python 3.9 ({sys.executable})" in done.stderr


def test_help_needs_no_environment(tmp_path: Path) -> None:
    """`./run`, `./run help` and `./run --help` say what there is and install nothing."""
    for arguments in ([], ["help"], ["--help"]):
        done = start(*arguments, PECFED_VENV=str(tmp_path / "venv"))
        assert done.returncode == 0
        assert "./run demo" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_command_is_refused() -> None:
    """With the exit code for a wrong use."""
    done = start("dance")
    assert done.returncode == 2
    assert done.stderr == "run: there is no command 'dance'; ./run help lists them\n"


def test_a_folder_that_is_no_environment_is_left_alone(tmp_path: Path) -> None:
    """Somebody else's files are never emptied away."""
    (tmp_path / "thesis.txt").write_text("precious")
    done = start("lint", PECFED_VENV=str(tmp_path))
    assert done.returncode == 1
    assert "is not a Python environment" in done.stderr
    assert (tmp_path / "thesis.txt").read_text() == "precious"


def test_a_second_start_installs_nothing(run: ModuleType) -> None:
    """The stamp remembers what is installed; more extras, or another project, ask again."""
    started = pretend(run, fails=lambda _line: False)
    run.PYTHON.parent.mkdir(parents=True)
    run.PYTHON.symlink_to(sys.executable)
    (run.VENV / "pyvenv.cfg").touch()
    run.prepare(run.TEST)
    assert any("pip install" in line and f"{ROOT}[fast,postgres,test]" in line for line in started)
    started.clear()
    run.prepare(run.TEST)
    run.prepare(run.RUNTIME)
    assert started == []
    run.STAMP.write_text(json.dumps({**json.loads(run.STAMP.read_text()), "project": "older"}))
    run.prepare(run.RUNTIME)
    assert started != []


def test_pip_is_taken_where_uv_fails(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """A uv that is found and can't install is no reason to give up."""
    monkeypatch.setattr(run.shutil, "which", lambda name: f"/opt/{name}")
    started = pretend(run, fails=lambda line: line.startswith("/opt/uv pip"))
    run.prepare(run.RUNTIME)
    assert f"{run.PYTHON} -m pip install --editable {ROOT}[fast,postgres]" in started


def test_a_failed_installation_says_how_to_go_on(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What pip said, then one sentence; and the next start tries again."""
    monkeypatch.setattr(run.shutil, "which", lambda _name: None)
    pretend(run, fails=lambda line: " pip install " in line)
    with pytest.raises(SystemExit, match=r"could not install .* then start \./run again"):
        run.prepare(run.RUNTIME)
    assert "no route to host" in capsys.readouterr().err
    assert not run.is_installed(run.RUNTIME)


def test_a_python_without_venv_names_the_package(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Debian ships Python without it."""
    monkeypatch.setattr(run.shutil, "which", lambda _name: None)
    monkeypatch.setattr(run.importlib.util, "find_spec", lambda _name: None)
    pretend(run, fails=lambda _line: False)
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    with pytest.raises(SystemExit, match=f"apt-get install {package}"):
        run.prepare(run.RUNTIME)


@pytest.mark.parametrize("strict", [True, False])
def test_what_is_left_out_is_said(
    run: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    strict: bool,
) -> None:
    """A missing program is named with its remedy, passed on, and with --strict a failure."""
    passed: list[dict[str, str]] = []

    def call(_command: list[str], env: dict[str, str]) -> int:
        passed.append(env)
        return 0

    remedy = {"chromium": "apt-get install chromium"}
    monkeypatch.setattr(run, "look_around", lambda: ({"PECFED_NODE": "/opt/node"}, remedy))
    monkeypatch.setattr(run.subprocess, "call", call)
    monkeypatch.setattr(run.os, "chdir", lambda _folder: None)
    assert run.run_tests(["--strict"] if strict else []) == int(strict)
    assert "need chromium (get it: apt-get install chromium)" in capsys.readouterr().err
    if strict:
        assert passed == []
    else:
        assert passed[0]["PECFED_WITHOUT"] == "chromium"
        assert passed[0]["PECFED_NODE"] == "/opt/node"
