"""The built wheel carries the words and the cast, and works without the checkout."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import pecfed
from pecfed.shipped import Room, shipped

ROOT = Path(__file__).parent.parent
ROOMS: tuple[Room, ...] = ("vocab", "actors")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built once from this checkout, with what is installed here."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the wheel installs and nothing else: a wheel is a zip of it."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def python(installed: Path, code: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run `code` with the wheel and its dependencies on the path, without the checkout."""
    prelude = f"""
import sys
# An editable install puts the checkout on the path.
sys.path[:] = [{str(installed)!r}] + [p for p in sys.path if p and p != {str(ROOT)!r}]
"""
    command = [sys.executable, "-I", "-c", prelude + code]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def test_the_wheel_carries_every_file_of_the_rooms(installed: Path) -> None:
    """What stands in vocab/ and actors/ lies under pecfed/_shipped/, byte for byte."""
    for room in ROOMS:
        ours = {path.relative_to(ROOT) for path in (ROOT / room).rglob("*") if path.is_file()}
        assert ours, f"{room}/ is empty"
        for path in ours:
            carried = installed / "pecfed" / "_shipped" / path
            assert carried.read_bytes() == (ROOT / path).read_bytes()


def test_the_wheel_installs_one_name(installed: Path) -> None:
    """No module called `vocab` or `actors` lands in everybody's site-packages."""
    top = {path.name for path in installed.iterdir()}
    assert top == {"pecfed", f"pecfed-{pecfed.__version__}.dist-info"}


def test_the_rooms_hold_data_alone() -> None:
    """In a checkout `import vocab` would work by accident, and break in the wheel."""
    assert [path for room in ROOMS for path in (ROOT / room).rglob("*.py")] == []


def test_the_wheel_carries_the_licences_and_the_type_marker(installed: Path) -> None:
    """AGPL for the program, CC0 for the vocabulary; the types are for others too."""
    licences = installed / f"pecfed-{pecfed.__version__}.dist-info" / "licenses"
    assert "GNU AFFERO GENERAL PUBLIC LICENSE" in (licences / "LICENSE").read_text("utf-8")
    assert "CC0 1.0 Universal" in (licences / "vocab" / "LICENSE").read_text("utf-8")
    assert (installed / "pecfed" / "py.typed").is_file()


def test_the_wheel_finds_its_rooms_without_the_checkout(installed: Path, tmp_path: Path) -> None:
    """`shipped` answers from inside the wheel, and a schema loads from it."""
    code = """
import json, pecfed
from pecfed.shipped import shipped
schemas = shipped("vocab") / "v1" / "schemas"
names = [path.name for path in schemas.iterdir() if path.name.endswith(".json")]
assert all(json.loads((schemas / name).read_text("utf-8")) for name in names) and names
assert [path for path in shipped("actors").iterdir() if path.name.endswith(".toml")]
print(pecfed.__file__, shipped("vocab"), shipped("actors"))
"""
    done = python(installed, code, tmp_path)
    assert done.returncode == 0, done.stderr
    assert all(place.startswith(str(installed)) for place in done.stdout.split())


def test_the_wheel_runs(installed: Path, tmp_path: Path) -> None:
    """`python -m pecfed --help` works from the wheel alone."""
    code = """
import runpy
sys.argv = ["pecfed", "--help"]
runpy.run_module("pecfed", run_name="__main__", alter_sys=True)
"""
    done = python(installed, code, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "pecfed" in done.stdout


def test_the_checkout_is_read_live() -> None:
    """In a checkout the rooms are the folders beside the package."""
    for room in ROOMS:
        assert Path(str(shipped(room))) == ROOT / room


def test_an_incomplete_installation_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Neither in the package nor beside it: the sentence names both places."""
    monkeypatch.setattr("pecfed.shipped.resources.files", lambda _name: tmp_path / "pecfed")
    monkeypatch.setattr("pecfed.shipped.__file__", str(tmp_path / "pecfed" / "shipped.py"))
    with pytest.raises(FileNotFoundError, match=r"vocab/ is neither .* nor beside it"):
        shipped("vocab")
