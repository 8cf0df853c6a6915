"""`katy serve`: the API and the page, until Ctrl-C."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from katy.context import KatyError, say, settings
from katy.settings import Settings

if TYPE_CHECKING:
    from fastapi import FastAPI

# How long requests may go on after the server was told to stop.
GRACE_SECONDS = 10


def register(app: typer.Typer) -> None:
    """Add `katy serve`."""

    @app.command("serve")
    def serve(
        host: Annotated[str | None, typer.Option(help="Where to listen; KATY_HOST otherwise")] = None,
        port: Annotated[int | None, typer.Option(min=0, max=65535, help="The port; 0 takes a free one")] = None,
    ) -> None:
        """Serve the API and the page "What's it worth?" until Ctrl-C; a newly published snapshot is picked up."""
        chosen = settings(host=host, port=port)
        listener = listen(chosen.host, chosen.port)
        with listener:
            run(application(chosen), listener, on_ready=lambda: say(f"Serving {address(listener)} (Ctrl-C stops)"))


def application(chosen: Settings) -> FastAPI:
    """The API with this installation's settings."""
    from katy.tax_key import tax_key
    from katy.version import code_version
    from valuation_api.app import ApiSettings, create_app
    from valuation_api.limits import Rate, RateLimits

    return create_app(
        ApiSettings(
            home=chosen.folder,
            ledger_url=chosen.ledger_database,
            clock=chosen.clock,
            code_version=code_version(),
            tax_key=lambda: tax_key(chosen),
            policy_file=chosen.policy_file,
            rate_limits=RateLimits(
                key=Rate(chosen.requests_per_key),
                address=Rate(chosen.requests_per_address),
                sign_in=Rate(chosen.sign_ins_per_address),
            ),
        )
    )


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to `host`:`port` (0: a free port), so that a taken port is told before anything is opened."""
    try:
        family, kind, proto, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as error:
        raise KatyError(f'no host "{host}" ({error.strerror}); --host 127.0.0.1 always works') from error
    listener = socket.socket(family, kind, proto)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(where)
    except OSError as error:
        listener.close()
        raise KatyError(
            f"cannot listen on {host} port {port}: {error.strerror}. "
            "Choose another with --port; --port 0 takes a free one"
        ) from error
    return listener


def address(listener: socket.socket) -> str:
    """The URL a person opens for this socket."""
    host, port = listener.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{shown}:{port}/"


def run(app: FastAPI, listener: socket.socket, *, on_ready: Callable[[], None]) -> None:
    """Serve `app` on `listener` until the process is told to stop; requests under way are finished first."""
    import uvicorn

    class _Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                on_ready()

    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        lifespan="on",
    )
    try:
        _Server(config).run(sockets=[listener])
    except KeyboardInterrupt:
        say("Stopped.")
