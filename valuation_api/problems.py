"""Every error the API answers is a problem document (RFC 9457, `application/problem+json`), whatever went wrong.

    Problem            raised by this floor's own code: a status, a slug for `type`, a title and a sentence
    KatyError          what a lower floor refuses; its sentence becomes the detail
    HTTPException      unknown path (404), wrong method (405), unreadable body (400)
    validation         what was sent does not fit the schema (422); `errors` names each place

An unforeseen error (500) is answered by `valuation_api.guards`, which stands outside everything else.
"""

from __future__ import annotations

import http
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection

from ledger.books.errors import Tampered
from warehouse.errors import Busy, KatyError, NothingPublished

MEDIA_TYPE = "application/problem+json"
# After how many seconds a client may try again what only needs time.
RETRY_SECONDS = 5


class Problem(Exception):  # the standard calls it a problem
    """A request that cannot be answered as asked.

    `type` is a slug such as "unknown-valuation" (given out as `urn:katy:problem:<slug>`), `title` the same for every
    occurrence, `detail` says what is wrong here and what to do. `extra` become members of the document.
    """

    def __init__(
        self,
        status: int,
        type: str,
        title: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.type = type
        self.title = title
        self.detail = detail
        self.headers = dict(headers or {})
        self.extra = extra


SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "A problem document, RFC 9457",
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "description": "What kind of problem: urn:katy:problem:<slug>, or about:blank"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong here, and what to do about it"},
        "instance": {"type": "string", "description": "The path that was asked for"},
        "errors": {
            "type": "array",
            "description": "Where validation failed: a JSON pointer into the body, or a parameter's name",
            "items": {
                "type": "object",
                "required": ["detail"],
                "properties": {
                    "pointer": {"type": "string"},
                    "parameter": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}


def described(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that may answer these problems, for its OpenAPI description."""
    return {
        status: {
            "description": http.HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }


def answer(problem: Problem, path: str) -> Response:
    """The problem as a response. ASCII JSON, so that no text handed in can make it unreadable."""
    generic = problem.type == "about:blank"
    document = {
        "type": problem.type if generic else f"urn:katy:problem:{problem.type}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "instance": path,
        **problem.extra,
    }
    return Response(
        json.dumps(document, ensure_ascii=True), problem.status, headers=problem.headers, media_type=MEDIA_TYPE
    )


def of_katy_error(error: KatyError) -> Problem:
    """A refusal of a lower floor as a problem: what only needs time is a 503, the rest a 422."""
    waiting = {"Retry-After": str(RETRY_SECONDS)}
    if isinstance(error, NothingPublished):
        return Problem(503, "nothing-published", "Nothing has been published yet", str(error), headers=waiting)
    if isinstance(error, Busy):
        return Problem(503, "busy", "Busy", str(error), headers=waiting)
    if isinstance(error, Tampered):
        return Problem(500, "tampered", "What is stored is not what was given out", str(error))
    return Problem(422, "refused", "This cannot be answered as asked", str(error))


def of_http(error: HTTPException) -> Problem:
    """Starlette's own errors (404, 405, 400 …) as problems; an `Allow` header stays."""
    phrase = http.HTTPStatus(error.status_code).phrase
    detail = str(error.detail)
    if error.status_code == 404 and detail == phrase:
        detail = "There is nothing at this path. /openapi.json lists what there is."
    elif error.status_code == 405 and detail == phrase:
        allowed = (error.headers or {}).get("Allow", "")
        detail = f"This path answers {allowed}." if allowed else "This path does not answer this method."
    return Problem(error.status_code, "about:blank", phrase, detail, headers=error.headers)


def of_validation(errors: Sequence[Mapping[str, Any]], content_type: str) -> Problem:
    """Failed validation as one problem that names every place: body members as JSON pointers, parameters by name.

    A body that was not even read as JSON, because it says it is something else, is a 415.
    """
    if not _is_json(content_type) and any(place.get("pointer") == "#" for place in map(_place, errors)):
        detail = f'The body is sent as "{content_type}"; send JSON, with Content-Type: application/json.'
        if not content_type:
            detail = "Send a JSON body, with Content-Type: application/json."
        return Problem(415, "not-json", "The body is not JSON", detail, headers={"Accept": "application/json"})
    places = [_place(error) for error in errors]
    shown = "; ".join(f"{p.get('pointer', p.get('parameter'))}: {p['detail']}" for p in places[:3])
    more = f" (and {len(places) - 3} more)" if len(places) > 3 else ""
    return Problem(422, "invalid-request", "The request does not fit the schema", shown + more, errors=places)


def _is_json(content_type: str) -> bool:
    kind = content_type.split(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def _place(error: Mapping[str, Any]) -> dict[str, str]:
    origin, *path = error["loc"]
    detail = str(error["msg"]).removeprefix("Value error, ")
    if origin != "body":
        return {"parameter": ".".join(str(part) for part in path), "detail": detail}
    if error["type"] == "json_invalid":
        reason = (error.get("ctx") or {}).get("error", "")
        return {"pointer": "#", "detail": f"not JSON: {reason} at character {path[0] if path else 0}"}
    return {"pointer": _pointer(path), "detail": detail}


def _pointer(path: Iterable[int | str]) -> str:
    """A JSON pointer (RFC 6901) in its fragment form; the tags that Pydantic puts in for a union are left out."""
    parts = [str(part) for part in path if not (isinstance(part, str) and part.startswith("tag:"))]
    return "#" + "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


Tell = Callable[[Problem, HTTPConnection], Response]
"""How a problem is told to whoever asked: as a document, or as a page to a person with a browser."""


def install(app: FastAPI, tell: Tell = lambda problem, asked: answer(problem, asked.url.path)) -> None:
    """Make every error of `app` a problem, told by `tell`."""

    @app.exception_handler(Problem)
    async def _problem(request: Request, error: Problem) -> Response:
        return tell(error, request)

    @app.exception_handler(KatyError)
    async def _katy_error(request: Request, error: KatyError) -> Response:
        return tell(of_katy_error(error), request)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        return tell(of_http(error), request)

    @app.exception_handler(RequestValidationError)
    async def _validation(request: Request, error: RequestValidationError) -> Response:
        return tell(of_validation(error.errors(), request.headers.get("content-type", "")), request)
