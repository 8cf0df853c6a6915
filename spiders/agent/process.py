"""A visit's process, from its parent's side: it is told what to ask, and its messages come back one by one."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

import spiders
from spiders.agent.job import Job
from spiders.agent.journal import Known
from spiders.privacy import scrub
from spiders.reader import Ask

# How long a visit may take to end by itself once its time is up.
_GRACE_SECONDS = 45.0
_START = "import sys; sys.path.insert(0, sys.argv[1]); from spiders.agent.run import main; main()"


class Process:
    """`with Process(job) as process: process.ask(…); for message in process: …; process.stop()`.

    `broke` says, in the end, why it ended otherwise than it should have.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self.broke: str | None = None
        self._ended = False

    def __enter__(self) -> Process:
        self._complaints: IO[bytes] = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [sys.executable, "-c", _START, str(Path(spiders.__path__[0]).parent)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            text=True,
            encoding="utf-8",
        )
        self._watch = threading.Timer(self.job.limits.seconds + _GRACE_SECONDS, self._process.kill)
        self._watch.daemon = True
        self._watch.start()
        self._write(self.job.line())
        return self

    def __exit__(self, *_: object) -> None:
        self._watch.cancel()
        # Closing its input ends a process that is still there.
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        try:
            self._process.wait(timeout=_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._complaints.close()

    def ask(self, key: str, ask: Ask, known: Known | None) -> None:
        validators = {"etag": known.etag, "last_modified": known.last_modified} if known else {}
        self._write(json.dumps({"key": key, "ask": asdict(ask), **validators}) + "\n")

    def stop(self) -> None:
        """Nothing more will be asked."""
        self._write("stop\n")

    def _write(self, text: str) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(text)
            self._process.stdin.flush()
        except BrokenPipeError:
            # It has died; reading its messages to the end says how.
            return

    def __iter__(self) -> Iterator[dict[str, Any]]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            message = _message(line)
            self._ended = self._ended or "end" in message
            yield message
        status = self._process.wait()
        if not self._ended:
            self.broke = f"the spider's process ended with status {status}: {self._last_line()}"

    def _last_line(self) -> str:
        self._complaints.seek(0)
        lines = [line for line in self._complaints.read().decode("utf-8", "replace").splitlines() if line.strip()]
        return self._discreet(lines[-1])[:500] if lines else "it said nothing"

    def _discreet(self, line: str) -> str:
        """A complaint without persons and keys: an address may hold both."""
        from spiders.agent.fetch import secrets_of

        for secret in secrets_of(self.job.keys):
            line = line.replace(secret, "[key]")
        return scrub(line)


def _message(line: str) -> dict[str, Any]:
    """One message. JSON can carry half of a surrogate pair, which is no text and could not be kept."""
    if "\\ud" in line:
        line = json.dumps(json.loads(line), ensure_ascii=False).encode("utf-8", "replace").decode()
    message: dict[str, Any] = json.loads(line)
    return message
