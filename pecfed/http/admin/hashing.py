"""Passwords are hashed and compared in two threads: the rest of the node goes on meanwhile."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from pecfed.domain import password

# its threads begin with the first password
_THREADS = ThreadPoolExecutor(2, thread_name_prefix="passwords")


async def hashed(given: str) -> str:
    """The hash to keep of a password."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, password.hashed, given)


async def is_right(kept: str, given: str) -> bool:
    """Whether that is the password; where none is kept ("") it takes as long to say no."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_THREADS, password.is_right, kept, given)
