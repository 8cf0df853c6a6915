"""The version of the code that makes values: equal code, equal version, wherever it runs."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import metadata
from pathlib import Path

_MAKES_VALUES = ("features", "models", "warehouse")


@cache
def code_version() -> str:
    """The package's version and a hash of the sources that values come from, such as "0.1.0+3f9a12c4"."""
    root = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256()
    for folder in _MAKES_VALUES:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in {".py", ".sql", ".toml"}:
                digest.update(f"{path.relative_to(root)}\n".encode() + path.read_bytes())
    return f"{metadata.version('katy')}+{digest.hexdigest()[:8]}"
