"""What every command shares: the settings of this call, the two consoles, and how an error is told."""

from __future__ import annotations

import sys
from typing import Any

from pydantic import ValidationError
from rich.console import Console

from katy.settings import Settings
from warehouse.errors import KatyError

__all__ = ["KatyError", "console", "fix", "notes", "say", "say_error", "settings"]

# Results go to standard output, everything said on the way to standard error: `--json | jq` stays clean.
# Piped output is plain and never folded.
console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
notes = Console(stderr=True, highlight=False, soft_wrap=not sys.stderr.isatty())


_fixed: dict[str, Any] = {}


def fix(**overrides: Any) -> None:
    """Remember what was said before the command (`katy --now … --home … run`), and forget what an earlier call said."""
    _fixed.clear()
    _fixed.update({name: value for name, value in overrides.items() if value is not None})


def settings(**overrides: Any) -> Settings:
    """The settings of this call: the environment's, changed by what the command line says (None changes nothing)."""
    said = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**{**_fixed, **said})
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)[0]
        raise KatyError(f"KATY_{str(wrong['loc'][0]).upper()}: {wrong['msg']}") from error


def say(text: str) -> None:
    """A line to the person at the terminal, on standard error."""
    notes.print(text, markup=False)


def say_error(error: BaseException) -> None:
    notes.print(f"katy: {error}", markup=False, style="red")
