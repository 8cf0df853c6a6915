"""What the decoding process denies itself before it touches a picture.

A picture can be made to break the program that decodes it. So this process has a bounded address space, writes no file,
and, once its libraries are loaded, opens none: no file, no socket. Linux keeps all of it; macOS does not keep the
address space, and Windows nothing. The time limit is the parent's and holds everywhere.
"""

from __future__ import annotations

import math
import os
import sys

if sys.platform != "win32":
    import resource

# Yields to whatever answers people.
_NICENESS = 5


def at_start(memory_bytes: int) -> None:
    """Bounds from the first moment: memory, written files, core dumps (they would hold the picture)."""
    if sys.platform == "win32":
        return
    os.nice(_NICENESS)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, 0)
    if sys.platform == "linux":
        _lower(resource.RLIMIT_AS, memory_bytes)


def once_loaded() -> None:
    """From here on nothing can be opened; what is open stays so."""
    if sys.platform != "win32":
        _lower(resource.RLIMIT_NOFILE, 0)


def for_one_picture(seconds: float) -> None:
    """The processor time that this process may take from now on; more ends it with SIGXCPU."""
    if sys.platform != "win32":
        used = resource.getrusage(resource.RUSAGE_SELF)
        _, most = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(used.ru_utime + used.ru_stime + seconds), most))


def _lower(which: int, limit: int) -> None:
    _, most = resource.getrlimit(which)
    limit = limit if most == resource.RLIM_INFINITY else min(limit, most)
    resource.setrlimit(which, (limit, limit))
