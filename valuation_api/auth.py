"""Who is asking: `Authorization: Bearer <key>`, and the idempotency key that every write carries.

A ledger's refusals are turned into problems here too, one status and one slug for each kind.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from ledger.books import accounts
from ledger.books.errors import (
    KeyInFlight,
    KeyReused,
    LedgerError,
    LimitReached,
    NotAllowed,
    Unknown,
    WrongState,
)
from ledger.books.idempotency import LONGEST_KEY
from ledger.books.scopes import need
from ledger.books.standings import Account
from ledger.books.store import Ledger
from ledger.tax.errors import NotFiled
from valuation_api.problems import Problem

KEY_HEADER = "Idempotency-Key"
# What belongs to a person is kept by no cache.
PRIVATE = {"Cache-Control": "no-store"}
_bearer = HTTPBearer(auto_error=False, description="The key that `katy account add NAME` showed")

# The kinds of refusal, with the status, the slug and the title they are answered with.
_REFUSALS: tuple[tuple[type[LedgerError], int, str, str], ...] = (
    (NotAllowed, 403, "not-allowed", "This account may not do this"),
    (LimitReached, 409, "limit-reached", "A limit would be broken"),
    (NotFiled, 409, "not-filed", "There is no such tax form"),
    (WrongState, 409, "wrong-state", "This cannot be done as things stand"),
    (KeyInFlight, 409, "idempotency-key-in-flight", "The first request is still being worked on"),
    (KeyReused, 422, "idempotency-key-reused", "The idempotency key stands for another request"),
)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: an account, by a key with these scopes."""

    account: Account
    scopes: frozenset[str]

    @property
    def id(self) -> str:
        return self.account.id

    @property
    def is_treasurer(self) -> bool:
        return "treasurer" in self.scopes


def asker(ledger: Ledger, *scopes: str) -> Callable[..., Asker]:
    """A dependency that gives the account whose key was presented and the key's scopes, or a 401 problem; where
    `scopes` are named, a key without any of them is a 403."""

    def authenticated(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> Asker:
        known = accounts.authenticate(ledger, credentials.credentials) if credentials else None
        if known is None:
            wrong = "This key is not known or was revoked." if credentials else "This needs an account's key."
            raise Problem(
                401,
                "unauthenticated",
                "A key is needed",
                f"{wrong} Send `Authorization: Bearer <key>`; the operator makes one with `katy account add NAME`.",
                headers={"WWW-Authenticate": "Bearer"},
            )
        if scopes:
            need(known[1], *scopes)
        return Asker(*known)

    return authenticated


def party(ledger: Ledger, *scopes: str) -> Callable[..., Account]:
    """The same for whoever does not ask which scopes a key has."""
    known = asker(ledger, *scopes)

    def authenticated(by: Asker = Depends(known)) -> Account:
        return by.account

    return authenticated


async def _kept_by_no_cache(response: Response) -> None:
    response.headers.update(PRIVATE)


# For a router of which every route answers to one person alone; what is no JSON says PRIVATE itself.
PERSONAL = [Depends(_kept_by_no_cache)]


def idempotency_key(
    key: Annotated[
        str,
        Header(
            alias=KEY_HEADER,
            min_length=1,
            max_length=LONGEST_KEY,
            pattern=r"^[!-~]+$",
            description="The client makes a new one for each new request. The same key gets the first answer",
        ),
    ],
) -> str:
    """A dependency that gives the request's idempotency key. Quotes around it are taken off."""
    # The header is a structured-field string, which is quoted; many clients leave the quotes out.
    return key[1:-1] if len(key) > 2 and key[0] == key[-1] == '"' else key


def _of_bad_key(error: RequestValidationError) -> Problem | None:
    """A missing or impossible idempotency key is a 400 of its own; None for every other failed validation."""
    for failed in error.errors():
        if failed["loc"] == ("header", KEY_HEADER):
            missing = failed["type"] == "missing"
            return Problem(
                400,
                "idempotency-key-missing" if missing else "idempotency-key-invalid",
                "An idempotency key is needed" if missing else "This cannot be an idempotency key",
                f"Every write carries an `{KEY_HEADER}` header, such as a new UUID, so that it is done once: "
                f"1 to {LONGEST_KEY} visible ASCII characters.",
            )
    return None


def of_ledger_error(error: LedgerError, *, names_resource: bool) -> Problem | None:
    """A ledger's refusal as a problem; None for those that are answered like any other error of Katy.

    `names_resource`: the path names what was asked for, so that an unknown one is a 404; else it was in the body.
    """
    if isinstance(error, Unknown):
        return Problem(404 if names_resource else 422, "unknown", "No such thing in these books", str(error))
    for kind, status, slug, title in _REFUSALS:
        if isinstance(error, kind):
            return Problem(status, slug, title, str(error))
    return None


def refusal(kind: str) -> tuple[int, str, str]:
    """Status, slug and title of a refusal by the name of its class, as the outcome of one payment among many."""
    if kind == Unknown.__name__:
        return 422, "unknown", "No such thing in these books"
    told = {each.__name__: (status, slug, title) for each, status, slug, title in _REFUSALS}
    return told.get(kind, (422, "refused", "This cannot be answered as asked"))


class LedgerRoute(APIRoute):
    """A route whose handler may raise what the ledger refuses."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def told(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as invalid:
                bad_key = _of_bad_key(invalid)
                if bad_key is None:
                    raise
                raise bad_key from invalid
            except LedgerError as error:
                problem = of_ledger_error(error, names_resource=bool(request.path_params))
                if problem is None:
                    raise
                raise problem from error

        return told
