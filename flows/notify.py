"""Telling people: pending notices and open alarms, to the log file and to every notifier (Apprise).

Each target is told on its own and remembers what it was told, so one that fails loses nothing and costs the others
nothing: the rest stays pending for it and is tried again the next time. Told is told at least once; a process killed
between telling and remembering tells again. An alarm that stays open is told again every day.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout

from ledger.books import accounts
from ledger.books.store import Clock, Ledger
from ledger.watching import outbox
from ledger.watching.outbox import Notice
from warehouse.alarms import open_alarms
from warehouse.errors import KatyError
from warehouse.home import Home
from warehouse.landing import make_folder
from warehouse.records import Alarm

Say = Callable[[str], None]
LOG = "notices.log"
AGAIN_AFTER = timedelta(days=1)
_AT_ONCE = 50


class NotTold(KatyError):
    """A target did not take what it was told."""


@dataclass
class Sent:
    """What one delivery did: messages taken by each target, and why a target failed, by its name."""

    told: dict[str, int] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


class Target(Protocol):
    """Somewhere to tell things. `id` is what is remembered of it (never its URL), `name` what a person is shown."""

    id: str
    name: str

    def tell(self, subject: str, body: str, *, urgent: bool = False) -> None:
        """Raises `NotTold` where it was not taken."""


def send(
    home: Home,
    ledger: Ledger,
    urls: Sequence[str],
    *,
    clock: Clock,
    say: Say,
) -> Sent:
    """Tell the log, and each notifier of `urls` (Apprise URLs), what it has not been told.

    Failures are said, not raised. One delivery at a time in a data folder: a second one says so and leaves the work to
    the first.
    """
    logs = home.root / "logs"
    make_folder(logs)
    sent = Sent()
    targets: list[Target] = [LogFile(logs / LOG, clock), *(Notifier(place, url) for place, url in enumerate(urls, 1))]
    try:
        with FileLock(logs / ".notify.lock", timeout=0):
            alarms = [standing.alarm for standing in open_alarms(home)]
            for target in targets:
                _tell(target, ledger, alarms, clock, sent)
    except Timeout:
        say("notices are being delivered by another process already")
    for name, why in sent.failed.items():
        say(f"{name} was not told: {why}; it is tried again the next time")
    return sent


def _tell(target: Target, ledger: Ledger, alarms: Sequence[Alarm], clock: Clock, sent: Sent) -> None:
    sent.told[target.name] = 0
    try:
        while waiting := outbox.pending(ledger, target.id, limit=_AT_ONCE):
            for notice in waiting:
                target.tell(notice.subject, _body(ledger, notice))
                outbox.mark_told(ledger, notice, target.id)
                sent.told[target.name] += 1
        due = _due(ledger, target, alarms, clock())
        if due:
            target.tell(*_digest(list(due.values())), urgent=True)
            outbox.count_told(ledger, target.id, list(due))
            sent.told[target.name] += 1
    except NotTold as error:
        sent.failed[target.name] = str(error)


def _body(ledger: Ledger, notice: Notice) -> str:
    before = f"\nIt has happened {notice.repeated} times before." if notice.repeated > 1 else ""
    name = accounts.find(ledger, notice.account).name
    return f"{notice.body}{before}\nFor {name}, until dismissed: katy notices dismiss {notice.id}"


def _due(ledger: Ledger, target: Target, alarms: Sequence[Alarm], now: datetime) -> dict[str, Alarm]:
    """The alarms the target was not told of, or not for a day, by what is remembered of them."""
    # An alarm keeps its id as long as it goes on, whichever run raises it again.
    things = {f"alarm:{alarm.id}"[:80]: alarm for alarm in alarms}
    told = outbox.times_told(ledger, target.id, list(things))
    old = now.astimezone(UTC) - AGAIN_AFTER
    return {
        thing: alarm
        for thing, alarm in things.items()
        if thing not in told or datetime.fromisoformat(told[thing][1]) <= old
    }


def _digest(alarms: Sequence[Alarm]) -> tuple[str, str]:
    ordered = sorted(alarms, key=lambda alarm: (alarm.severity != "error", alarm.source, alarm.kind, alarm.about))
    first = ordered[0]
    subject = f"{first.source}: {first.kind}" if len(ordered) == 1 else f"{len(ordered)} alarms about sources"
    lines = (
        f"- {each.severity}, {each.source}, {each.kind}: {_one_line(each.message)} [{each.id}]" for each in ordered
    )
    return subject, "\n".join([*lines, "katy alarms shows them all, and dismisses those that are to be lived with."])


class LogFile:
    """A file with one line for each thing told: the record that is there without any notifier."""

    id = "log"

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path, self.clock, self.name = path, clock, str(path)

    def tell(self, subject: str, body: str, *, urgent: bool = False) -> None:
        moment = self.clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        line = f"{moment} {'alarm' if urgent else 'notice'} {_one_line(subject)} | {' / '.join(body.splitlines())}\n"
        try:
            # What people are told is nobody else's business on a shared machine.
            with os.fdopen(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as file:
                file.write(line.encode("utf-8", "replace"))
        except OSError as error:
            raise NotTold(error.strerror or str(error)) from error


class Notifier:
    """One Apprise URL. It may hold a password, so it is never shown: a person is told its place and its kind."""

    def __init__(self, place: int, url: str) -> None:
        self.url = url
        self.id = hashlib.sha256(url.encode()).hexdigest()[:40]
        self.name = f"notifier {place} ({url.split('://', 1)[0]}://…)"

    def tell(self, subject: str, body: str, *, urgent: bool = False) -> None:
        from apprise import Apprise, AppriseAsset, LogCapture, NotifyFormat, NotifyType

        asset = AppriseAsset(app_id="Katy", app_desc="Katy", app_url="", image_url_mask="", image_url_logo="")
        kind = NotifyType.WARNING if urgent else NotifyType.INFO
        with LogCapture(level=logging.WARNING, fmt="%(message)s") as log:
            try:
                notifier = Apprise(asset=asset)
                known = notifier.add(self.url)
                # Plain text: what others wrote into a title must not become markup on the way.
                taken = known and notifier.notify(
                    title=subject, body=body, body_format=NotifyFormat.TEXT, notify_type=kind
                )
            except Exception as error:
                # A fault in one of its hundred services is that notifier's failure, and nobody else's.
                raise NotTold(f"{type(error).__name__} in Apprise") from error
            why = log.getvalue()
        if not known:
            raise NotTold("its URL in KATY_NOTIFY_URLS is none that Apprise knows")
        if not taken:
            raise NotTold(self._without_secrets(_one_line(why))[:200] or "it did not take the message")

    def _without_secrets(self, text: str) -> str:
        for part in sorted(re.split(r"[/:@?&=,]+", self.url)[1:], key=len, reverse=True):
            text = text.replace(part, "…") if len(part) > 3 else text
        return text


def _one_line(text: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
