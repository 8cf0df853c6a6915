"""Starts visits' processes for the tests, each forked from here where Scrapy is already imported; a script, no test.

Starting Python and importing Scrapy is most of what a visit to a page of a test costs. A forked process is one of its
own like any other: it can be killed, and it runs the same `main`. What comes over the socket named on the command line
is one visit: its standard streams and a socket for the rest, on which its environment and folder come in, and its
process id and exit status go out.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import random
import signal
import socket
import sys
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from scrapy.settings import default_settings

from spiders.agent.run import main, used

# What Scrapy imports by name once a crawl begins.
LISTS = ("DOWNLOADER_MIDDLEWARES_BASE", "EXTENSIONS_BASE", "SPIDER_MIDDLEWARES_BASE")
NAMES = [*default_settings.DOWNLOAD_HANDLERS_BASE.values()]
NAMES += [name for one in LISTS for name in used(getattr(default_settings, one))]
MODULES = {name.rpartition(".")[0] for name in NAMES}
MODULES |= {f"scrapy.{name}" for name in ("core.engine", "core.scraper", "logformatter", "pqueues", "squeues")}
MODULES |= {f"spiders.agent.{name}" for name in ("addresses", "politeness", "unpacking")}
for module in sorted(MODULES):
    importlib.import_module(module)


def serve(door: socket.socket) -> None:
    """Fork a minder for each visit until nobody is left to ask."""
    while True:
        word, streams, *_ = socket.recv_fds(door, 1, 4)
        if not word:
            break
        if os.fork() == 0:
            door.close()
            mind(*streams)
        for stream in streams:
            os.close(stream)
        reap()


def reap() -> None:
    """Let the minders go that are done."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def mind(line: int, *streams: int) -> None:
    """Fork the visit, tell its process id, and in the end how it ended."""
    told = socket.socket(fileno=line)
    with told.makefile("r", encoding="utf-8") as asked:
        said = json.loads(asked.readline())
    visit = os.fork()
    if visit == 0:
        told.close()
        run(said, streams)
    for stream in streams:
        os.close(stream)
    told.sendall(f"{visit}\n".encode())
    told.sendall(f"{os.waitstatus_to_exitcode(os.waitpid(visit, 0)[1])}\n".encode())
    os._exit(0)


def run(said: dict[str, object], streams: tuple[int, ...]) -> None:
    """Be the visit's process."""
    for place, stream in enumerate(streams):
        os.dup2(stream, place)
        os.close(stream)
    os.environ.clear()
    os.environ.update(said["environment"])
    os.chdir(said["folder"])
    random.seed()
    try:
        main()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    os._exit(1)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    serve(socket.socket(fileno=int(sys.argv[1])))
