"""The decoding process from its parent's side: started when needed, kept warm, killed when it takes too long."""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import features
from features.photo.limits import Limits
from features.photo.picture import PictureRead, picture_read
from features.photo.refused import REASONS, PictureRefused
from warehouse.errors import BadInput, Busy, KatyError

# Loading the libraries takes two seconds on an idle machine.
_START_SECONDS = 120.0
# A process that has read this many pictures makes room for a fresh one, whatever it may have gathered.
_PICTURES_PER_PROCESS = 200
_LONGEST_ANSWER = 1_000_000
# Callers who may stand in line; one more is told so at once.
_LINE = 16
_START = "import sys; sys.path.insert(0, sys.argv[1]); from features.photo.child import main; main()"


class Reader:
    """Reads pictures one at a time in a process of its own. Safe to share among threads."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._line = threading.BoundedSemaphore(_LINE)
        self._child: _Child | None = None
        atexit.register(self.close)

    def read(self, data: bytes, limits: Limits, embedder: Path | None = None) -> PictureRead:
        """Read one picture. PictureRefused; Busy where others stand in line too long; BadInput for the embedder."""
        if not self._line.acquire(blocking=False):
            raise Busy("too many pictures are waiting to be read; try again in a minute")
        try:
            if not self._turn.acquire(timeout=limits.queue_seconds):
                raise Busy("other pictures are still being read; try again in a minute")
            try:
                return self._read(data, limits, embedder)
            finally:
                self._turn.release()
        finally:
            self._line.release()

    def close(self) -> None:
        """End the process; the next picture starts another."""
        child, self._child = self._child, None
        if child is not None:
            child.end()

    def _read(self, data: bytes, limits: Limits, embedder: Path | None) -> PictureRead:
        for last_try in (False, True):
            child = self._ready(limits, embedder)
            try:
                answer = child.ask(data)
            except _Died as died:
                self.close()
                # One that had not begun has left for lack of work, or was killed: that says nothing of the picture.
                if not (child.reading or died.killed or last_try):
                    continue
                raise died.refused() from None
            except BaseException:
                # Interrupted in the middle of an answer: nobody could tell it from the next one's.
                self.close()
                raise
            if child.asked >= _PICTURES_PER_PROCESS:
                self.close()
            return _believed(answer)
        raise AssertionError("the second try returns or raises")

    def _ready(self, limits: Limits, embedder: Path | None) -> _Child:
        """The running process, or a new one where there is none for these limits, or it is another process's child."""
        child = self._child
        if child is not None and not child.serves(limits, embedder):
            if child.of_process == os.getpid():
                self.close()
            child = None
        if child is None:
            child = self._child = _Child(limits, embedder)
        return child


def _believed(answer: dict[str, Any]) -> PictureRead:
    with suppress(KeyError, TypeError, ValueError, AttributeError):
        if "read" in answer:
            return picture_read(answer["read"])
        reason, says = answer["refused"], str(answer["says"])[:300]
        if reason in REASONS:
            raise PictureRefused(reason, says)
    raise PictureRefused("unreadable", "it could not be read; save it again as JPEG or PNG")


class _Died(Exception):
    """The process ended without an answer."""

    def __init__(self, status: int, *, killed: bool) -> None:
        super().__init__(f"status {status}")
        self.killed = killed
        self._slow = killed or (sys.platform != "win32" and status == -signal.SIGXCPU)

    def refused(self) -> PictureRefused:
        if self._slow:
            return PictureRefused("too_slow", "it takes too long to read; save it again as a plain JPEG, or smaller")
        return PictureRefused("unreadable", "reading it broke the reader; save it again as JPEG or PNG")


class _Child:
    """One decoding process."""

    def __init__(self, limits: Limits, embedder: Path | None) -> None:
        self._limits, self._embedder = limits, embedder
        self.of_process = os.getpid()
        self.asked = 0
        self.reading = False
        self._killed = False
        told = json.dumps({"limits": asdict(limits), "embedder": str(embedder.absolute()) if embedder else None})
        self._process = subprocess.Popen(
            # Isolated: no module and no setting comes from the folder or the environment Katy was started in.
            [sys.executable, "-I", "-B", "-c", _START, str(Path(features.__path__[0]).absolute().parent), told],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
        )
        try:
            with self._at_most(_START_SECONDS):
                said = self._listen()
        except _Died as died:
            why = "its libraries did not load: install Katy's packages again, or give it more memory"
            raise KatyError(f"the reader of pictures ended with {died}; {why}") from None
        if "cannot_start" in said:
            self.end()
            raise BadInput(str(said["cannot_start"]))

    def serves(self, limits: Limits, embedder: Path | None) -> bool:
        """Whether it can read a picture now, under these limits."""
        mine = self.of_process == os.getpid() and (limits, embedder) == (self._limits, self._embedder)
        return mine and self._process.poll() is None

    def ask(self, data: bytes) -> dict[str, Any]:
        """The answer for a picture. _Died where it gave none, or not in time."""
        assert self._process.stdin is not None
        self.asked += 1
        self.reading = False
        with self._at_most(3 * self._limits.seconds):
            # Where it has died, its status says how.
            with suppress(OSError):
                self._process.stdin.write(json.dumps({"bytes": len(data)}).encode() + b"\n" + data)
                self._process.stdin.flush()
            self.reading = bool(self._listen()["reading"])
            return self._listen()

    def end(self) -> None:
        """Kill it: it holds nothing that could be lost."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                # What was still to be written has no reader any more.
                with suppress(OSError):
                    pipe.close()
        self._process.wait()

    @contextmanager
    def _at_most(self, seconds: float) -> Iterator[None]:
        """Kill it when what is done with it takes longer."""
        watch = threading.Timer(seconds, self._kill)
        watch.daemon = True
        watch.start()
        try:
            yield
        finally:
            watch.cancel()

    def _kill(self) -> None:
        self._killed = True
        self._process.kill()

    def _listen(self) -> dict[str, Any]:
        """Its next message. _Died where there is none; what is no message ends it."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline(_LONGEST_ANSWER)
        try:
            said = json.loads(line)
        except ValueError:
            said = None
        if isinstance(said, dict):
            return said
        if line:
            self._process.kill()
        raise _Died(self._process.wait(), killed=self._killed)


def _environment() -> dict[str, str]:
    """No keys and no settings; what a process needs to start, and one thread for each library."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    return kept | dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
