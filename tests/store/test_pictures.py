"""Taking in pictures: by their bytes, within bounds, nothing but the pixels comes through."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from pecfed.errors import RefusedError
from pecfed.store.pictures import NAME, Gallery

NODE = "https://node.example"


def encoded(kind: str, size: tuple[int, int] = (40, 20), mode: str = "RGB", **how: Any) -> bytes:
    """A small picture of that kind."""
    out = BytesIO()
    colour: Any = {"RGBA": (200, 30, 30, 120), "L": 90, "P": 3, "CMYK": (9, 9, 9, 9)}.get(
        mode, (200, 30, 30)
    )
    Image.new(mode, size, colour).save(out, kind, **how)
    return out.getvalue()


def turned() -> bytes:
    """A photograph that a camera held upright, with where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "SECRET-PLACE"
    exif.get_ifd(0x8825)[2] = (47.0, 13.0, 0.0)
    return encoded("JPEG", exif=exif)


def chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def bomb(width: int, height: int) -> bytes:
    """A PNG that says it is that large, in a few bytes."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


def gallery(tmp_path: Path, name: str = "", data: bytes = b"") -> Gallery:
    if name:
        (tmp_path / name).write_bytes(data)
    return Gallery(tmp_path / "velo.toml", NODE, tmp_path / "media")


def kept(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "media").glob("*"))


@pytest.mark.parametrize(
    ("data", "ending", "size"),
    [
        (encoded("PNG"), "png", (40, 20)),
        (encoded("PNG", mode="RGBA"), "png", (40, 20)),
        (encoded("PNG", mode="L"), "png", (40, 20)),
        (encoded("JPEG"), "jpg", (40, 20)),
        (encoded("JPEG", mode="CMYK"), "jpg", (40, 20)),
        (encoded("WEBP"), "jpg", (40, 20)),
        (encoded("WEBP", mode="RGBA"), "png", (40, 20)),
        (encoded("GIF", mode="P"), "png", (40, 20)),
        (encoded("JPEG", (2000, 500)), "jpg", (512, 128)),
        (turned(), "jpg", (20, 40)),
    ],
)
def test_taken_in(tmp_path: Path, data: bytes, ending: str, size: tuple[int, int]) -> None:
    """Whatever the name says: the bytes tell the kind; scaled, upright, and made anew."""
    table = {"icon": {"file": "logo.odd", "alt": {"fr": "Un logo"}}}
    hall = gallery(tmp_path, "logo.odd", data)
    picture = hall.take(table, "icon", "/actor", "fr")
    assert picture is not None
    name = picture.url.removeprefix(f"{NODE}/media/")
    assert NAME.fullmatch(name) and name.endswith(ending)
    assert (picture.width, picture.height) == size
    assert picture.alt == {"fr": "Un logo"}
    assert kept(tmp_path) == [], "looking at the difference writes nothing"
    hall.keep()
    (path,) = kept(tmp_path)
    with Image.open(path) as opened:
        assert opened.size == size
        assert opened.get_format_mimetype() == picture.media_type
        assert not opened.getexif()
    assert b"SECRET" not in path.read_bytes()


def test_the_same_file_is_the_same_picture(tmp_path: Path) -> None:
    """It isn't made again, and its address stays; another use is another picture."""
    table = {use: {"file": "a.png", "alt": "x"} for use in ("icon", "banner")}
    hall = gallery(tmp_path, "a.png", encoded("PNG"))
    first = hall.take(table, "icon", "/actor", "fr")
    hall.keep()
    (path,) = kept(tmp_path)
    before = path.stat().st_mtime_ns
    again = gallery(tmp_path)
    assert again.take(table, "icon", "/actor", "fr") == first
    again.keep()
    assert path.stat().st_mtime_ns == before
    assert again.take(table, "banner", "/actor", "fr") != first
    assert again.take({}, "icon", "/actor", "fr") is None


def with_text() -> bytes:
    """A PNG whose comment unpacks to 80 MB."""
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "A" * 80_000_000, zip=True)
    return encoded("PNG", pnginfo=info)


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "is no PNG"),
    "text": (lambda: b"<svg onload=alert(1)>", "is no PNG"),
    "svg": (lambda: b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "is no PNG"),
    "bmp": (lambda: encoded("BMP"), "is no PNG"),
    "tiff": (lambda: encoded("TIFF"), "is no PNG"),
    "cut short": (lambda: encoded("JPEG", (300, 300))[:600], "is no PNG"),
    "a PNG cut short": (lambda: encoded("PNG", (300, 300))[:90], "is no PNG"),
    "a bomb": (lambda: bomb(50_000, 50_000), "has too many pixels"),
    "a long one": (lambda: bomb(9_000, 1), "at most 8192 on a side"),
    "too much": (lambda: bomb(8_000, 8_000), "40 million"),
    "a comment that is a bomb": (with_text, "is no PNG"),
    "larger than the limit": (lambda: b"\0" * 10_000_001, "is larger than 10 MB"),
}


@pytest.mark.parametrize("what", BAD)
def test_refused(tmp_path: Path, what: str) -> None:
    """With the place in the file, what was given, and what is wrong; nothing is kept."""
    make, words = BAD[what]
    hall = gallery(tmp_path, "a.png", make())
    with pytest.raises(RefusedError) as caught:
        hall.take({"picture": {"file": "a.png", "alt": "x"}}, "picture", "/event/0", "fr")
    assert "velo.toml: /event/0/picture/file: 'a.png' " in caught.value.message
    assert words in caught.value.message
    hall.keep()
    assert kept(tmp_path) == []


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("../secret.png", "is not in"),
        ("link.png", "is not in"),
        ("nothing.png", "is no file"),
        ("sub", "is no file"),
        ("x" * 300, "can't be read"),
    ],
)
def test_only_files_beside_the_apply_file(tmp_path: Path, file: str, words: str) -> None:
    """Not by a path that leads away, nor by a link that does."""
    folder = tmp_path / "here"
    (folder / "sub").mkdir(parents=True)
    (tmp_path / "secret.png").write_bytes(encoded("PNG"))
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(RefusedError) as caught:
        gallery(folder).take({"icon": {"file": file, "alt": "x"}}, "icon", "/actor", "fr")
    assert words in caught.value.message
