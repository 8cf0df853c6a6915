"""What every page of the desk shares: who is signed in, forms that are theirs, and refusals told as a page.

Every form carries the session's token, so that no other site can send it, and where it does something an idempotency
key that was made when it was shown: sent twice, it is done once. The key to the account is in no address and no log.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fastapi import Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute

from ledger.books.canonical import new_id
from ledger.books.errors import KeyInFlight, LedgerError
from ledger.books.store import Ledger
from valuation_api import problems
from valuation_api.auth import of_ledger_error
from valuation_api.pages import trading_view, worth
from valuation_api.pages.trading_sessions import COOKIE, Sessions, Visitor
from valuation_api.problems import Problem
from warehouse.errors import BadInput, KatyError

HOME = "/my"
SIGN_IN = "/my/sign-in"
_MOST_FIELDS = 300


class NotSignedIn(Exception):
    """A page was asked for by somebody who is not signed in; `back` is where they wanted to go."""

    def __init__(self, back: str | None) -> None:
        super().__init__()
        self.back = back


@dataclass(frozen=True, slots=True)
class Sent:
    """A form and who sent it."""

    by: Visitor
    fields: Mapping[str, str]

    def text(self, name: str) -> str:
        return self.fields.get(name, "").strip()

    def number(self, name: str, digits: int, what: str) -> int:
        """A whole number of so many digits at most; `BadInput` says that what was typed is not `what`."""
        text = self.text(name)
        if not (text.isascii() and text.isdigit() and len(text) <= digits):
            raise BadInput(f'"{text[:20]}" is not {what}')
        return int(text)

    @property
    def key(self) -> str:
        """The idempotency key that was in the form; a new one where somebody took it out."""
        return self.text("key") or new_id("form")


# A step by a form: with what was sent, and the key, the account and the id of what it is taken on.
Step = Callable[[Ledger, Sent, Mapping[str, Any]], object]


async def fields(request: Request) -> dict[str, str]:
    """The fields of a form as it was sent; of a name that comes twice, the last."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind not in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        raise Problem(415, "not-a-form", "This is no form", "Open the page in a browser and send its form.")
    async with request.form(max_fields=_MOST_FIELDS, max_files=0) as form:
        said = {name: value for name, value in form.multi_items() if isinstance(value, str)}
    if any("\x00" in text for pair in said.items() for text in pair):  # no database keeps such a text
        raise Problem(
            422, "not-a-text", "This is no text", "A field holds a NUL character; take it out and send it again."
        )
    return said


class Desk:
    """The books and the sessions of a desk, with the dependencies of its pages."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger, self.sessions = ledger, Sessions(ledger)

    def visitor(self) -> Callable[..., Visitor]:
        """A dependency: who is signed in."""

        def signed_in(request: Request) -> Visitor:
            found = self.sessions.of(request.cookies.get(COOKIE))
            if found is None:
                raise NotSignedIn(request.url.path if request.method == "GET" else None)
            return found

        return signed_in

    def sent(self) -> Callable[..., Sent]:
        """A dependency: a form, if it was shown to whoever sends it."""
        visitor = self.visitor()

        def own(by: Visitor = Depends(visitor), said: dict[str, str] = Depends(fields)) -> Sent:
            if not by.sent(said.get("csrf", "")):
                raise Problem(
                    403,
                    "not-your-form",
                    "This form is from another session",
                    "You have signed in anew since it was shown, or another site has sent it. Nothing was done. "
                    "Open the page again and send it from there.",
                )
            return Sent(by, said)

        return own


def show(template: str, by: Visitor | None, status: int = 200, **shown: Any) -> Response:
    """A page of the desk; it is kept by no cache, so that going back asks again."""
    page = worth.render(
        f"trading_{template}.html",
        status,
        see=trading_view,
        me=by,
        here="",
        form_key=new_id("form"),
        **{"message": None, **shown},
    )
    page.headers["Cache-Control"] = "no-store"
    return page


def go(path: str) -> Response:
    """On to another page; a reload there does nothing again."""
    return RedirectResponse(path, 303, headers={"Cache-Control": "no-store"})


def step_of(steps: Mapping[str, Step], verb: str, what: str) -> Step:
    """The step that an address ends in; `BadInput` where there is none of that name for a `what`."""
    if verb not in steps:
        raise BadInput(f'there is no "{verb[:20]}" for a {what}')
    return steps[verb]


def taken(step: Callable[[], object], then: str, refused: Callable[[int, str], Response]) -> Response:
    """Take a step and go on to the page `then`; where the books refuse it, `refused` shows status and reason."""
    try:
        with suppress(KeyInFlight):  # a double click: the first one is being done
            step()
    except KatyError as error:
        problem = refusal(error)
        return refused(problem.status, problem.detail)
    return go(then)


def refusal(error: KatyError) -> Problem:
    """What the books refuse, as it is told on a page."""
    told = of_ledger_error(error, names_resource=True) if isinstance(error, LedgerError) else None
    return told or problems.of_katy_error(error)


_NO_SUCH_PAGE = Problem(404, "about:blank", "There is no such page", "Its address was cut off, or mistyped.")


class PageRoute(APIRoute):
    """A page that may be refused: to whoever is not signed in, and by the books."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def told(request: Request) -> Response:
            try:
                return await handle(request)
            except NotSignedIn as error:
                if error.back is None:
                    return show("signed_out", None, 401)
                return go(SIGN_IN if error.back == HOME else f"{SIGN_IN}?next={quote(error.back, safe='/')}")
            except RequestValidationError:
                return show("problem", None, 404, problem=_NO_SUCH_PAGE)
            except Problem as problem:
                return show("problem", None, problem.status, problem=problem)
            except KatyError as error:
                refused = refusal(error)
                return show("problem", None, refused.status, problem=refused)

        return told
