"""`katy trust …`: invitations, vouches, levels, consents, leaving, and the log of who did what to whom.

At the command line the operator acts for a member, and is the treasurer.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from katy import tables
from katy.books import books
from katy.context import console, say

if TYPE_CHECKING:
    from ledger.books.store import Ledger

AsJson = Annotated[bool, typer.Option("--json", help="As JSON, for a program")]
Member = Annotated[str, typer.Argument(help="An account's name or id")]
Key = Annotated[
    str | None, typer.Option(help="An idempotency key: the same command with the same key is done once, however often")
]


def _told(content: Any) -> None:
    sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")


def _id(ledger: Ledger, name: str) -> str:
    from ledger.books import accounts

    return accounts.find(ledger, name).id


def _key(said: str | None) -> str:
    from ledger.books.canonical import new_id

    return said or new_id("cli")


def invite(member: Member, key: Key = None, as_json: AsJson = False) -> None:
    """Make an invitation in a member's name, and show its code this once."""
    from ledger.trust import invitations

    with books() as ledger:
        made = invitations.invite(ledger, key=_key(key), by=_id(ledger, member))
    if as_json:
        _told(made.model_dump())
        return
    if made.code is None:
        say(f"{made.id} was made before; its code was shown then and is stored nowhere")
        return
    say(f"an invitation until {made.expires_at[:10]}; this code is shown once and opens one account:")
    console.print(made.code, markup=False)


def accept(
    code: Annotated[str, typer.Argument(help="The invitation's code")],
    name: Annotated[str, typer.Argument(help="What the community will call the new account")],
    kind: Annotated[str, typer.Option(help="member or business")] = "member",
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Open an account with an invitation's code, and show its API key this once."""
    from ledger.trust import invitations

    with books() as ledger:
        made = invitations.accept(ledger, key=_key(key), code=code, name=name, kind=kind)
    if as_json:
        _told(made.model_dump())
        return
    if made.key is None:
        say(f"{made.name} ({made.account}) was opened before; `katy account new-key` makes another key")
        return
    say(f"{made.name} ({made.account}); this key is shown once and stored nowhere:")
    console.print(made.key, markup=False, soft_wrap=True)


def vouch(
    member: Member,
    other: Annotated[str, typer.Argument(help="Whom it vouches for")],
    note: Annotated[str | None, typer.Option(help="Why; both read it")] = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take the vouch back")] = False,
    key: Key = None,
) -> None:
    """Vouch for a member in the name of another; its level, and with it its limits, follow at once. The audit log says
    that the operator wrote it down."""
    from ledger.books.audit_log import OPERATOR
    from ledger.books.errors import Unknown
    from ledger.trust import levels, vouches

    with books() as ledger:
        by, to = _id(ledger, member), _id(ledger, other)
        if withdraw:
            stands = [
                each for each in vouches.listing(ledger, by=by) if (each.subject, each.withdrawn_at) == (to, None)
            ]
            if not stands:
                raise Unknown(f"{member} does not vouch for {other}")
            vouches.withdraw(ledger, key=_key(key), by=by, vouch_id=stands[0].id, recorded_by=OPERATOR)
        else:
            vouches.give(ledger, key=_key(key), by=by, subject=to, note=note, recorded_by=OPERATOR)
        now = levels.of(ledger, to)
    say(f"{now.vouches} vouch for {other}: level {now.level}, tier {now.tier}")


def level(member: Member, as_json: AsJson = False) -> None:
    """Show what a member's tier follows from: vouches, document, level."""
    from ledger.trust import levels

    with books() as ledger:
        now = levels.of(ledger, _id(ledger, member))
    if as_json:
        _told(now.model_dump())
        return
    left = "; expelled" if now.expelled_at else "; closed" if now.closed_at else ""
    by_hand = " (set by hand)" if now.fixed else ""
    console.print(
        f"level {now.level}, tier {now.tier}{by_hand}; {now.vouches} vouches; document: {now.document or 'none'}{left}",
        markup=False,
    )


def document(
    member: Member,
    kind: Annotated[
        str | None, typer.Argument(help='What was seen, such as "passport"; nothing of its content')
    ] = None,
    void: Annotated[bool, typer.Option("--void", help="What was recorded does not hold any more")] = False,
) -> None:
    """Record, as the treasurer, that a member has shown a document; its level follows."""
    from ledger.books import audit_log
    from ledger.trust import levels
    from warehouse.errors import BadInput

    if (kind is None) != void:
        raise BadInput("name what was seen, such as `katy trust document Ada passport`, or say --void")
    with books() as ledger:
        now = levels.check_document(ledger, by=audit_log.OPERATOR, account_id=_id(ledger, member), document=kind)
    say(f"{member}: level {now.level}, tier {now.tier}")


def consent(
    member: Member,
    viewer: Annotated[str, typer.Argument(help="Who may see it")],
    what: Annotated[str, typer.Argument(help="profile, reputation, at_least or entries")],
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day (UTC)")] = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take the consent back")] = False,
    key: Key = None,
) -> None:
    """Let another see something of a member, in its name."""
    from ledger.books.errors import Unknown
    from ledger.trust import privacy

    with books() as ledger:
        by, to = _id(ledger, member), _id(ledger, viewer)
        if withdraw:
            given = [
                each for each in privacy.listing(ledger, by=by)
                if (each.account, each.viewer, each.what, each.withdrawn_at) == (by, to, what, None)
            ]  # fmt: skip
            if not given:
                raise Unknown(f"{member} has given {viewer} no consent to {what}")
            privacy.withdraw(ledger, key=_key(key), by=by, consent_id=given[0].id)
            say(f"{viewer} sees it no longer")
            return
        last = until.replace(tzinfo=UTC).date() if until is not None else None
        made = privacy.grant(ledger, key=_key(key), by=by, viewer=to, what=what, until=last)
    say(f"{viewer} may see {what} of {member} until {made.until[:16]} UTC")


def reputation(member: Member, as_json: AsJson = False) -> None:
    """Show a member's reputation with its interval. The audit log says that the operator looked."""
    from ledger.books import audit_log
    from ledger.trust import members
    from ledger.trust.privacy import Viewer

    operator = Viewer(audit_log.OPERATOR, frozenset({"treasurer"}))
    with books() as ledger:
        known = members.reputation_of(ledger, operator, member)
    if as_json:
        _told(known.model_dump())
        return
    console.print(
        f"{known.percent} % ({known.low} to {known.high}), from trades with {known.partners} partners", markup=False
    )


def expel(member: Member, yes: Annotated[bool, typer.Option("--yes", help="Do not ask")] = False) -> None:
    """Expel a member: keys end, vouches for it fail. What it owes stays owed."""
    from ledger.books import audit_log
    from ledger.trust import leaving

    if not yes:
        typer.confirm(f"expel {member}? This is not undone", abort=True)
    with books() as ledger:
        leaving.expel(ledger, by=audit_log.OPERATOR, account_id=_id(ledger, member))
    say(f"{member} was expelled")


def close(
    member: Member,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask")] = False,
    as_json: AsJson = False,
) -> None:
    """Close an account for good and erase what may be erased; entries and tax papers stay under a name that says
    nothing."""
    from ledger.books import audit_log
    from ledger.trust import leaving

    if not yes:
        typer.confirm(f"close {member} and erase its name? This is not undone", abort=True)
    with books() as ledger:
        closed = leaving.close(ledger, by=audit_log.OPERATOR, account_id=_id(ledger, member))
    if as_json:
        _told(closed.model_dump())
        return
    say(f"closed; {closed.account} is called {closed.name} from now on")
    for name, rows in closed.erased.items():
        console.print(f"erased  {name}: {rows}", markup=False)
    for name, why in closed.kept.items():
        console.print(f"kept    {name}: {why}", markup=False)


def export(member: Member) -> None:
    """Write everything that the books hold under a member's name, as JSON."""
    from ledger.books import audit_log
    from ledger.trust import leaving

    with books() as ledger:
        _told(leaving.export(ledger, by=audit_log.OPERATOR, account_id=_id(ledger, member)))


def log(
    subject: Annotated[str | None, typer.Option(help="Only what was done to this account")] = None,
    actor: Annotated[str | None, typer.Option(help='Only what this account, or "operator", did')] = None,
    action: Annotated[str | None, typer.Option(help='Only this, such as "tier.changed"')] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    as_json: AsJson = False,
) -> None:
    """Who did what to whom, the newest first. `katy ledger verify` checks that nothing in it was changed."""
    from rich.markup import escape
    from rich.table import Table

    from ledger.books import audit_log

    with books() as ledger:
        to = _id(ledger, subject) if subject is not None else None
        by = actor if actor in (None, audit_log.OPERATOR) else _id(ledger, str(actor))
        found = audit_log.listing(ledger, subject=to, actor=by, action=action, limit=limit)
    if as_json:
        _told([each.model_dump() for each in found])
        return
    table = Table(show_edge=False, header_style="bold", box=None)
    for column in ("number", "at", "actor", "action", "subject", "details"):
        table.add_column(column, no_wrap=column != "details")
    for each in found:
        cells = (str(each.seq), each.at[:19], each.actor, each.action, each.subject or "", each.details)
        table.add_row(*(escape(cell) for cell in cells))
    tables.show(console, table)


def register(app: typer.Typer) -> None:
    """Add `katy trust invite | accept | vouch | level | document | consent | reputation | expel | close | export |
    audit`."""
    group = typer.Typer(
        help="Who lets whom in, who vouches for whom, who may see what, and who did what.", no_args_is_help=True
    )
    for command in (invite, accept, vouch, level, document, consent, reputation, expel, close, export):
        group.command(command.__name__)(command)
    group.command("audit")(log)
    app.add_typer(group, name="trust")
