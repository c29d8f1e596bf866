"""A newcomer's slips at the command line get a sentence, never a traceback."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from pecfed.cli import main

NODE = ("--url", "http://127.0.0.1:9301", "--development", "--username", "lilas")


@pytest.mark.parametrize("folder", ["file", "file/below"])
def test_init_where_a_file_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], folder: str
) -> None:
    """A folder that can't be made is told in one line."""
    (tmp_path / "file").touch()
    assert main(["init", "--dir", str(tmp_path / folder), *NODE]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"pecfed: {tmp_path}/file")
    assert said.count("\n") == 1


@pytest.mark.parametrize("domain", ["ex ample", "Example.coop", "example.coop/x", "a@b", "x:y"])
def test_a_handle_domain_is_a_host(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], domain: str
) -> None:
    """What can't stand in a handle is refused before anything is made."""
    folder = tmp_path / "node"
    assert main(["init", "--dir", str(folder), *NODE, "--handle-domain", domain]) == 2
    assert "handle domain" in capsys.readouterr().err
    assert not folder.exists()


@pytest.mark.parametrize("name", ["two\nlines", "x" * 5000, "\x1b[31mred", "\u202eleft"])
def test_a_name_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    """A name that no page could show as it is is refused."""
    assert main(["init", "--dir", str(tmp_path / "node"), *NODE, "--name", name]) == 2
    assert "--name" in capsys.readouterr().err


def test_an_unreadable_request_is_one_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """Garbage that anybody can send by the thousand does not fill the log with tracebacks."""
    with pytest.raises(SystemExit):
        main(["--version"])
    main(["status", "--dir", "nowhere"])
    try:
        raise ValueError("bad\nline")
    except ValueError:
        logging.getLogger("aiohttp.server").exception("Error handling request")
    (record,) = caplog.records
    assert record.exc_info is None
    assert record.getMessage() == "Error handling request: ValueError('bad\\nline')"
