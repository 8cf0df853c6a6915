"""`katy service`, `katy jobs` and `katy value-bundle`: what work is worth, and what things are worth together."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any

import typer

from katy.context import console, settings

Region = Annotated[str | None, typer.Option(help="Where, such as US-MO")]
Currency = Annotated[str | None, typer.Option(help="ISO 4217 code of the answer")]
AsOf = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="With what was known at the end of this day")]
AsJson = Annotated[bool, typer.Option("--json", help="The whole answer as JSON")]


def register(app: typer.Typer) -> None:
    app.command("service")(service)
    app.command("value-bundle")(value_bundle)
    app.command("jobs")(jobs)


def service(
    text: Annotated[str, typer.Argument(help='The work, such as "3 hours of tutoring" or "faucet repair"')],
    experience: Annotated[float | None, typer.Option(min=0, help="Years of experience of who does it")] = None,
    certified: Annotated[bool, typer.Option(help="Who does it has a licence or certificate for it")] = False,
    portfolio: Annotated[bool, typer.Option(help="Work of theirs can be looked at")] = False,
    score: Annotated[str | None, typer.Option(help='An outside skill score with its scale, such as "72/100"')] = None,
    region: Region = None,
    currency: Currency = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """What work is worth: an hour from wages and seen prices, by skill; also in this community's hours."""
    from katy.asking import build_request, valuer_of
    from katy.commands.exchange import community, yardsticks
    from katy.commands.value import show
    from models.exchange.yardsticks import Price
    from models.services.community import in_community

    fields = {"experience": f"{experience:g} years"} if experience is not None else {}
    fields |= {"certified": "yes"} if certified else {}
    fields |= {"portfolio": "yes"} if portfolio else {}
    fields |= {"skill_score": score} if score else {}
    answer = valuer_of(settings().folder).value(build_request(text, fields, None, region, currency, as_of))
    one_k = yardsticks().of("K", datetime.fromisoformat(answer.value_date).date(), region)
    held = in_community(answer, community(), one_k.value if isinstance(one_k, Price) else None)
    if as_json:
        said = {"valuation": answer.model_dump(mode="json"), "community": held}
        typer.echo(json.dumps(said, ensure_ascii=False))
        return
    show(answer)
    if held is not None:
        console.print(held["words"], markup=False)


def value_bundle(
    parts: Annotated[list[str], typer.Argument(help='Each part in words: "drill" "2 hours of help"')],
    region: Region = None,
    currency: Currency = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """What goods and services are worth together: the sum of the parts, less what bundles are seen to bring less."""
    from features.market import day_number
    from katy.asking import build_request, valuer_of
    from models.services.bundles import bundles_seen, parts_of
    from models.services.bundles import value_bundle as value_together
    from warehouse.errors import BadInput

    if not parts_of(parts):
        raise BadInput('a bundle has parts: katy value-bundle "drill" "2 hours of help"')
    asked = build_request(parts[0], {}, None, region, currency, as_of)
    valuer = valuer_of(settings().folder)
    last = valuer.last_day
    day = min(day_number(asked.as_of), last) if asked.as_of else last
    answer, _ = value_together(
        valuer, parts, region=asked.region, currency=asked.currency, as_of=asked.as_of, seen=bundles_seen(valuer, day)
    )
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False))
        return
    _show(answer)


def _show(answer: dict[str, Any]) -> None:
    from katy.commands.market import print_table

    if answer["value"] is None:
        console.print("unknown", style="bold", markup=False)
    else:
        about = f"{answer['low']} to {answer['high']}, confidence {answer['confidence']}"
        console.print(f"{answer['value']} {answer['currency']}  ({about})", style="bold", markup=False)
    console.print(answer["narrative"], markup=False)
    columns = ("asked", "count", "fmv", "low", "high", "confidence", "reason")
    print_table("Parts", [{name: part[name] for name in columns} for part in answer["parts"]])
    console.print(f"snapshot {answer['snapshot']}, value date {answer['value_date']}", style="dim", markup=False)


def jobs(
    containing: Annotated[str | None, typer.Argument(help="Only jobs whose name or words hold this")] = None,
    as_json: AsJson = False,
) -> None:
    """The jobs that Katy knows by name: their occupation, and the hours one takes."""
    from katy.commands.market import print_table
    from models.services.jobs import catalogue

    known = catalogue()
    words: dict[str, list[str]] = {}
    for phrase, name in known.phrases.items():
        words.setdefault(name, []).append(" ".join(phrase))
    rows = [
        {"job": job.label, "occupation": job.occupation, "unit": "hour" if job.hourly else job.unit,
         "hours": " – ".join(f"{each:g}" for each in job.hours), "people": job.people, "words": ", ".join(words[name]),
         "source": job.source}
        for name, job in known.jobs.items()
        if not containing or containing.casefold() in f"{job.label} {' '.join(words[name])}"
    ]  # fmt: skip
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    print_table("Jobs", rows)
