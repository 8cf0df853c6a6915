"""`knobs.toml` in the data folder: what the operator says of the knobs of the value models.

[hedonic]
trees = 300

Nothing else has to be said: what is not in the file is as in `models/data/knobs.toml`. `KATY_KNOBS` names another file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse.errors import BadInput

if TYPE_CHECKING:
    from katy.settings import Settings
    from models.knobs import Knobs

FILE = "knobs.toml"


def knobs_path(settings: Settings) -> Path:
    """Where the operator's knobs are, whether or not there are any."""
    return settings.knobs.expanduser() if settings.knobs is not None else settings.folder.root / FILE


def said_here(settings: Settings) -> dict[str, Any]:
    """What the operator's file says, by group; nothing where there is no file. BadInput where it cannot be read."""
    path = knobs_path(settings)
    if not path.is_file():
        if settings.knobs is not None:
            raise BadInput(f"KATY_KNOBS names {path}, and there is no such file")
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} is not TOML: {error}") from None


def knobs_here(settings: Settings) -> Knobs | None:
    """The knobs of this installation, None where the operator has said nothing of them. BadInput as `overridden`."""
    from models.knobs import overridden

    said = said_here(settings)
    if not said:
        return None
    return overridden(said, str(knobs_path(settings))).model_copy(update={"anchor": settings.anchor})


def read_set(said: Iterable[str]) -> dict[str, dict[str, Any]]:
    """`--set hedonic.trees=300` as groups; the value is TOML, and text where it is not."""
    out: dict[str, dict[str, Any]] = {}
    for one in said:
        name, equals, text = one.partition("=")
        group, dot, knob = name.strip().partition(".")
        if not (equals and dot and group and knob):
            raise BadInput(f'--set "{one}": say GROUP.KNOB=VALUE, such as hedonic.trees=300')
        try:
            value = tomllib.loads(f"value = {text.strip()}")["value"]
        except tomllib.TOMLDecodeError:
            value = text.strip()
        out.setdefault(group, {})[knob] = value
    return out


def merged(said: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """What was said, with more said."""
    return {name: {**said.get(name, {}), **more.get(name, {})} for name in {**said, **more}}


def write_knobs(settings: Settings, said: Mapping[str, Any]) -> Path:
    """Write the operator's file anew, by rename; comments in the old one are lost."""
    path = knobs_path(settings)
    lines = ["# Knobs that differ from the project's own; `katy models try --promote` writes this file."]
    for group, knobs in sorted(said.items()):
        lines += ["", f"[{group}]", *(f"{name} = {_toml(value)}" for name, value in sorted(knobs.items()))]
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    beside.write_text("\n".join(lines) + "\n", encoding="utf-8")
    beside.replace(path)
    return path


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return (
        repr(value)
        if isinstance(value, int | float)
        else '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
    )
