"""The composition root: parts put together from this installation's settings."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from katy.settings import Settings

if TYPE_CHECKING:
    from flows.collect import Errand
    from flows.pipeline import Run
    from ledger.books.store import Ledger
    from ledger.watching.outbox import Notice
    from warehouse.snapshot import Snapshot


def pipeline_run(settings: Settings, say: Callable[[str], None], note: str = "") -> Run:
    """A run of the pipeline on this installation's data, by this installation's knobs."""
    from flows.pipeline import Run
    from katy.knobs_file import knobs_here
    from katy.version import code_version

    return Run(
        settings.folder,
        anchor=settings.anchor,
        clock=settings.clock,
        say=say,
        code_version=code_version(),
        snapshots_in_use=lambda: snapshots_in_use(settings),
        knobs=knobs_here(settings),
        note=note,
    )


def errand_of(settings: Settings, name: str, /, **said: Any) -> Errand:
    """The visit of a source by its name: as the call says, else as `sources.toml` says, else as it is declared."""
    from flows.collect import Errand
    from katy.sources_file import source_here

    named = source_here(settings.folder, name)
    own = named.said
    errand = Errand(
        agent=named.reader,
        base=own.base,
        source=named.name if named.name != named.reader else None,
        delay=own.delay,
        region=own.region,
        currency=own.currency,
        targets=own.targets,
        requests=own.requests,
        switched_on=own.on,
        hours=own.hours,
    )
    if "name" in said:
        said["source"] = said.pop("name")
    said["targets"] = tuple(said.get("targets", errand.targets))
    return replace(errand, **said)


def snapshots_in_use(settings: Settings) -> set[str]:
    """Snapshots that open trades name; none where no books have been opened yet."""
    if not books_are_open(settings):
        return set()
    from ledger.trading.trades import open_snapshots

    return open_snapshots(_books(settings))


def _books(settings: Settings) -> Ledger:
    from ledger.books.store import open_ledger

    return open_ledger(settings.ledger_database, clock=settings.clock, policy_file=settings.policy_file)


def books_are_open(settings: Settings) -> bool:
    """Whether there is a ledger; looking for one does not make it."""
    return settings.ledger_url is not None or settings.folder.ledger.is_file()


def tell_watchers(settings: Settings, published: Snapshot, say: Callable[[str], None]) -> None:
    """Hold the price watches against a snapshot, value what people own, and deliver what is pending, alarms too.

    The snapshot stands whatever happens here: a failure is said and the run stays green.
    """
    try:
        from flows.watches import evaluate_watches

        if books_are_open(settings):
            with closing(_books(settings)) as ledger:
                evaluate_watches(published, ledger, say=say)
                _value_owned_or_say(published, ledger, say)
                _follow_or_say(settings, published, ledger, say)
        deliver(settings, say)
    except Exception as error:
        say(f"price watches and notices were not looked after: {error}; `katy notify` tries the delivery again")


def value_owned(published: Snapshot, ledger: Ledger, say: Callable[[str], None]) -> list[Notice]:
    """Value what people own on a snapshot; the notices that follow. Models are opened only where there is a thing."""
    from flows.things import value_things
    from katy.version import code_version
    from ledger.owned import things
    from models.answers.value import open_valuer

    if things.count(ledger) == 0:
        return []
    with closing(open_valuer(published, code_version())) as valuer:
        return value_things(published, ledger, valuer, say=say)


def follow_estimates(
    settings: Settings, published: Snapshot, ledger: Ledger, say: Callable[[str], None]
) -> tuple[int, int]:
    """Hold members' estimates against prices that followed and land them: prices judged, judgements landed."""
    from flows.estimates import follow, land_judgements
    from katy.version import code_version
    from ledger.estimating import estimates
    from models.answers.value import open_valuer
    from models.knobs import default_knobs

    if not estimates.listing(ledger, open_only=False, limit=1):
        return 0, 0
    with closing(open_valuer(published, code_version())) as valuer:
        judged = follow(published, ledger, valuer, default_knobs().community, say=say)
    return judged, land_judgements(settings.folder, ledger, settings.clock)


def _follow_or_say(settings: Settings, published: Snapshot, ledger: Ledger, say: Callable[[str], None]) -> None:
    try:
        follow_estimates(settings, published, ledger, say)
    except Exception as error:
        say(f"estimates were not held against prices: {error}; `katy estimate follow` tries it again")


def _value_owned_or_say(published: Snapshot, ledger: Ledger, say: Callable[[str], None]) -> None:
    try:
        value_owned(published, ledger, say)
    except Exception as error:
        say(f"what people own was not valued: {error}; `katy things value` tries it again")


def deliver(settings: Settings, say: Callable[[str], None]) -> None:
    """Deliver pending notices and open alarms, where there are any."""
    from flows.notify import send
    from warehouse.alarms import open_alarms

    if books_are_open(settings) or open_alarms(settings.folder):
        with closing(_books(settings)) as ledger:
            send(settings.folder, ledger, settings.notify_urls, clock=settings.clock, say=say)
