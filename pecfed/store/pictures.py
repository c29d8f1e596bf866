"""Pictures of our own: taken in from files, made safe, kept in `DIR/media` under their digest.

A picture is what its bytes say, not its name. It is decoded within bounds and written
anew, so that nothing but the pixels comes through: no place where it was taken, no
comment, no second file behind the first. What is kept never changes, so that it may be
cached for ever; the same file given again is the same picture.
"""

from __future__ import annotations

import hashlib
import os
import re
import warnings
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pecfed.domain.picture import Picture
from pecfed.domain.text import texts
from pecfed.language.schema import Problem
from pecfed.language.toml_file import InvalidFileError

if TYPE_CHECKING:
    from PIL.Image import Image

Use = Literal["icon", "banner", "picture"]
SIDES: Mapping[Use, int] = {"icon": 512, "banner": 1600, "picture": 1600}
"""Pixels of the longer side that a picture is scaled down to, by its use."""

MEDIA_TYPES: Mapping[str, str] = {"png": "image/png", "jpg": "image/jpeg"}
"""What is kept, by the end of its name: the two kinds that every server shows."""

NAME = re.compile(r"([0-9a-f]{64})\.(png|jpg)")
MAX_BYTES = 10_000_000
MAX_SIDE = 8192  # pixels, before anything is decoded
MAX_PIXELS = 40_000_000
_TOO_MANY = (
    f"has too many pixels; at most {MAX_SIDE} on a side, {MAX_PIXELS // 1_000_000} million in all"
)
_READ = ("PNG", "JPEG", "WEBP", "GIF")
_RECIPE = b"1"  # goes up when pictures are made otherwise: names then change with the bytes
_QUALITY = 85


class Gallery:
    """The pictures that one apply file names; `keep` writes those that are new.

    `base` is the public address of the node that will serve them, `media` its folder:
    a picture that is there already isn't made again.
    """

    def __init__(self, file: Path, base: str, media: Path | None = None) -> None:
        self._file = file
        self._base = base
        self._media = media
        self._new: dict[str, bytes] = {}

    def take(self, table: Mapping[str, Any], use: Use, where: str, language: str) -> Picture | None:
        """The picture that `table` names under `use`; None where it names none.

        `where` is the table's place in the file, `language` that of a text that says none.

        Raises:
            RefusedError: it isn't there, is no picture, or is too large; says which.
        """
        item = table.get(use)
        if item is None:
            return None
        try:
            data = self._read(item["file"])
            name = hashlib.sha256(_RECIPE + use.encode() + b"\0" + data).hexdigest()
            ending, width, height = self._known(name) or self._make(name, data, SIDES[use])
        except _BadPictureError as error:
            path = f"{where}/{use}/file"
            problem = Problem(path, f"{path}: {item['file']!r} {error}")
            raise InvalidFileError(self._file, [problem]) from None
        return Picture(
            url=f"{self._base}/media/{name}.{ending}",
            media_type=MEDIA_TYPES[ending],
            alt=texts(item["alt"], language),
            width=width,
            height=height,
        )

    def keep(self) -> None:
        """Write the pictures that are new; a crash leaves the whole of each, or nothing.

        Raises:
            OSError: the folder can't be written.
        """
        if self._media is None or not self._new:
            return
        self._media.mkdir(mode=0o700, exist_ok=True)
        for name, data in self._new.items():
            part = self._media / f"{name}.{os.getpid()}.part"
            with part.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self._media / name)
        self._new.clear()

    def _read(self, given: str) -> bytes:
        """The bytes of a file beside the apply file, or below."""
        folder = self._file.parent.resolve()
        try:
            path = (folder / given).resolve()
            if not path.is_relative_to(folder):
                raise _BadPictureError(f"is not in {folder}, where the file that names it is")
            if not path.is_file():
                raise _BadPictureError(f"is no file in {folder}")
            with path.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        except (OSError, ValueError, RuntimeError) as error:
            words = getattr(error, "strerror", None) or "unreadable"
            raise _BadPictureError(f"can't be read: {words}") from None
        if len(data) > MAX_BYTES:
            raise _BadPictureError(f"is larger than {MAX_BYTES // 1_000_000} MB")
        return data

    def _known(self, name: str) -> tuple[str, int, int] | None:
        """How a picture was kept, if it was: the end of its name, width and height."""
        for ending in MEDIA_TYPES if self._media else ():
            assert self._media is not None
            path = self._media / f"{name}.{ending}"
            if path.is_file():
                return ending, *_size(path.read_bytes())
        return None

    def _make(self, name: str, data: bytes, side: int) -> tuple[str, int, int]:
        ending, made, width, height = made_safe(data, side)
        self._new[f"{name}.{ending}"] = made
        return ending, width, height


class _BadPictureError(Exception):
    """Why a file is no picture that we take."""


def made_safe(data: bytes, side: int) -> tuple[str, bytes, int, int]:
    """A picture written anew: the end of its name, its bytes, its width and height.

    Photographs become JPEG; what has transparency or few colours becomes PNG, of an
    animation the first picture.
    """
    from PIL import Image, ImageOps

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(BytesIO(data), formats=_READ) as opened:
                width, height = opened.size
                if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
                    raise _BadPictureError(_TOO_MANY)
                photograph = opened.format in {"JPEG", "WEBP"}
                turned = ImageOps.exif_transpose(opened)
                flat = _plain(turned, keep_alpha=not photograph or turned.has_transparency_data)
                flat.thumbnail((side, side), Image.Resampling.LANCZOS)
    except _BadPictureError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _BadPictureError(_TOO_MANY) from None
    except Exception:  # decoders of hostile bytes raise whatever they like
        raise _BadPictureError("is no PNG, JPEG, WebP or GIF picture, or a damaged one") from None
    ending = "jpg" if flat.mode == "RGB" and photograph else "png"
    out = BytesIO()
    if ending == "jpg":
        flat.save(out, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
    else:
        flat.save(out, "PNG", optimize=True)
    return ending, out.getvalue(), *flat.size


def _plain(image: Image, *, keep_alpha: bool) -> Image:
    """The pixels alone, in red, green and blue, with transparency where there is any."""
    from PIL import Image as images  # noqa: N813 - the module has the name of its class

    mode = "RGBA" if keep_alpha and image.has_transparency_data else "RGB"
    converted = image.convert(mode)
    plain = images.new(mode, converted.size)
    plain.paste(converted)
    return plain


def _size(data: bytes) -> tuple[int, int]:
    from PIL import Image

    with Image.open(BytesIO(data), formats=_READ) as opened:
        return opened.size
