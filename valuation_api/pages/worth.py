"""The page "What's it worth?": a form that works without JavaScript, and a value with its reasons.

Rendered on the server with escaping on; every text that came from a market or a visitor is only ever text.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import ValidationError

from features.condition import scale
from ledger.books.store import Ledger
from ledger.trading import given
from models.explanation.shapes import Explanation
from valuation_api.leases import Live
from valuation_api.live import Market
from valuation_api.pages import plots, view
from valuation_api.problems import Problem
from valuation_api.shelf import PricePoint, Product
from warehouse.errors import KatyError, NothingPublished
from warehouse.valuation import Valuation, ValuationRequest

MOST_SUGGESTIONS = 6

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Form:
    """What the visitor typed, as typed."""

    q: str = ""
    condition: str = ""
    region: str = ""
    currency: str = ""
    as_of: str = ""

    def request(self) -> tuple[ValuationRequest | None, dict[str, str]]:
        """The request this asks for, or what is wrong with which field."""
        said = {name: text.strip() or None for name, text in asdict(self).items()}
        try:
            asked = ValuationRequest.model_validate({"text": said.pop("q") or "", **said})
        except ValidationError as error:
            wrong = {"q" if p["loc"][0] == "text" else str(p["loc"][0]): str(p["msg"]) for p in error.errors()}
            if "as_of" in wrong:
                wrong["as_of"] = f'"{self.as_of}" is not a date such as 2026-03-31'
            return None, {name: text.removeprefix("Value error, ") for name, text in wrong.items()}
        return asked, {}


def router(ledger: Ledger) -> APIRouter:
    """The page's route; values it shows are kept in `ledger` like any other, so that a trade can name them."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    def page(
        live: Live,
        q: str = "",
        condition: str = "",
        region: str = "",
        currency: str = "",
        as_of: str = "",
    ) -> Response:
        form = Form(q, condition, region, currency, as_of)
        try:
            with live.lease() as market:
                return _answer(form, market, ledger)
        except NothingPublished as error:
            return render("worth.html", 503, form=form, state="empty", message=str(error))

    return routes


def _answer(form: Form, market: Market, ledger: Ledger) -> Response:
    """The page for `form` on `market`: the introduction, what is wrong with the form, or the valuation."""
    vintage = vintage_of(market)
    if not form.q.strip():
        known = market.shelf.best_known(MOST_SUGGESTIONS)
        return render("worth.html", 200, form=form, state="start", vintage=vintage, suggestions=known)
    request, errors = form.request()
    if request is None:
        return render("worth.html", 422, form=form, state="start", vintage=vintage, errors=errors)
    try:
        explained = market.valuer.explain(request)
    except KatyError as error:
        return render("worth.html", 422, form=form, state="start", vintage=vintage, errors={"q": str(error)})
    valuation = explained.valuation
    given.keep(ledger, valuation, request)
    shown = known_value(valuation, market, explained) if valuation.fmv is not None else _unknown(valuation, market)
    return render("worth.html", 200, form=form, vintage=vintage, valuation=valuation, **shown)


def known_value(valuation: Valuation, market: Market, explained: Explanation | None = None) -> dict[str, Any]:
    """What the page of a known value shows; with its explanation, what the base is made of and what would change it."""
    points, product = _prices(valuation, market)
    steps = view.steps(valuation)
    return {
        "state": "known",
        "facts": view.facts(valuation),
        "range": view.interval(valuation),
        "steps": steps,
        "waterfall": plots.waterfall(steps, valuation.currency),
        "factors": view.factor_rows(valuation),
        "comparables": [view.comparable_row(comparable, valuation.currency) for comparable in valuation.comparables],
        **_explanation(explained),
        "history": plots.history(points, view.band(valuation, points[0].currency) if points else None),
        "history_rows": plots.thinned(points)[0] if points else [],
        "history_currency": points[0].currency if points else valuation.currency,
        "history_of": product.title if product else None,
    }


def _explanation(explained: Explanation | None) -> dict[str, Any]:
    inside = explained.contributions if explained else None
    return {
        "inside": inside,
        "inside_rows": view.contribution_rows(inside) if inside else [],
        "inside_plot": plots.waterfall(view.contribution_steps(inside), inside.currency) if inside else None,
        "alternatives": view.alternatives(explained) if explained else [],
        "cap": explained.trade_cap if explained else None,
    }


def _unknown(valuation: Valuation, market: Market) -> dict[str, Any]:
    found = market.shelf.search(valuation.subject.asked.text, MOST_SUGGESTIONS)
    return {
        "state": "unknown",
        "facts": view.facts(valuation),
        "unknown": view.unknown(valuation),
        "suggestions": [product for product, _ in found],
        "currencies_known": market.shelf.currencies,
    }


def _prices(valuation: Valuation, market: Market) -> tuple[list[PricePoint], Product | None]:
    """What to plot: the history of the product that was understood, else the comparables' adjusted prices."""
    product = market.shelf.product(str(valuation.subject.understood.get("product")))
    if product is not None:
        points = market.shelf.history(product.product, last=date.fromisoformat(valuation.value_date[:10]))
        if points:
            return points, product
    return view.comparable_points(valuation), None


def vintage_of(market: Market) -> dict[str, Any]:
    """What a page says of the snapshot it comes from."""
    return {
        "snapshot": market.snapshot.id,
        "cut_off": str(market.snapshot.manifest.get("data_cutoff") or "")[:10],
        "regions": market.shelf.regions,
        "currencies": market.shelf.currencies,
        "products": len(market.shelf),
    }


def problem_page(problem: Problem) -> Response:
    """An error as a page, for a person who followed a link or mistyped an address."""
    return render("problem.html", problem.status, problem=problem)


def render(template: str, status: int, **shown: Any) -> Response:
    """A page; no cache of others may keep it."""
    conditions = [grade.replace("_", " ") for grade in scale().grades]
    shown = {"conditions": conditions, "errors": {}, "vintage": None, "suggestions": [], **shown}
    text = _templates.get_template(template).render(view=view, **shown)
    return HTMLResponse(text, status, headers={"Cache-Control": "private, no-cache"})
