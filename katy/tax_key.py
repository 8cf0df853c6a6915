"""The key that taxpayer numbers are sealed with: KATY_TAX_KEY, or a private file beside the ledger's.

The file is made where there is none. Without it the numbers cannot be read again: whoever backs up the ledger keeps it,
in another place.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from katy.settings import Settings
from warehouse.errors import BadInput


def tax_key(settings: Settings) -> bytes:
    """The key. Raises `BadInput` where it is not one, or where others may read its file."""
    from ledger.tax import tin

    if settings.tax_key is not None:
        return tin.read_key(settings.tax_key)
    file = key_file(settings)
    if not file.exists():
        _make(file, tin.new_key())
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & 0o077:
        raise BadInput(f"others may read the key of the tax numbers, {file} (mode {mode:o}): chmod 600 {file}")
    return tin.read_key(file.read_text(encoding="ascii", errors="replace"))


def key_file(settings: Settings) -> Path:
    """Where the key is kept that no setting names."""
    return settings.folder.ledger.parent / "tax.key"


def _make(file: Path, key: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        # Two that make it at once: the first one's is the key.
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    except OSError as error:
        raise BadInput(f"the key of the tax numbers cannot be kept at {file}: {error.strerror}") from error
    with os.fdopen(descriptor, "w", encoding="ascii") as out:
        out.write(f"{key}\n")
