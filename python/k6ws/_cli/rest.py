"""k6's REST API, as far as tools need it that start, watch and stop runs: ``--address``.

It has no authentication, so it is off unless asked for, and on loopback unless an address says otherwise.
See parts "status" and "metrics" of https://grafana.com/docs/k6/latest/reference/k6-rest-api/.
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
import logging
import socket
import sys
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import unquote

from k6ws._cli.exits import RestError
from k6ws._run import exit_codes
from k6ws._run.phase import Phase
from k6ws._run.runner import Runner

logger = logging.getLogger("k6ws")

_HOST, _PORT = "127.0.0.1", 6565
_MAX_PORT = 65_535
_MAX_BODY = 64 * 1024
_PATIENCE_S = 5.0
# A client that sends a byte now and then keeps no thread for longer.
_LONGEST_S = 30.0
_MAX_CONNECTIONS = 64
_PAUSE_S = 0.05
_BUSY = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class _RefusedError(Exception):
    """An answer that says no."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


class RestApi:
    """Serves one run, from entering the context to leaving it."""

    def __init__(self, address: str, runner: Runner) -> None:
        """Listen at once, so that a port that is taken is known before anything runs.

        Raises:
            RestError: The address is none, or cannot be listened on.
        """
        host, port = _parsed(address)
        try:
            self._server = _Server((host, port), runner)
        except OSError as error:
            message = f"the REST API cannot listen on {host}:{port}: {error.strerror or error}"
            raise RestError(message, "take another --address; port 0 takes a free one") from None
        self.port = int(self._server.server_address[1])
        if not _is_loopback(host):
            logger.warning(
                "the REST API is reachable from other machines, and whoever reaches it may stop the run"
            )
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.1,), name="k6ws-rest", daemon=True
        )

    def __enter__(self) -> Self:
        """Serve."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._thread.join(_PATIENCE_S)
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    """A thread for each connection, for a bounded number of them and a bounded time."""

    daemon_threads = True
    request_queue_size = _MAX_CONNECTIONS

    def __init__(self, address: tuple[str, int], runner: Runner) -> None:
        self.runner = runner
        self._lock = threading.Lock()
        self._since: dict[socket.socket, float] = {}
        super().__init__(address, _Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept; without a free descriptor the next attempt must not follow at once."""
        try:
            return super().get_request()
        except OSError:
            time.sleep(_PAUSE_S)
            raise

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Whether there is room for one more."""
        with self._lock:
            if len(self._since) >= _MAX_CONNECTIONS:
                logger.debug("REST: %s is refused: too many connections", client_address)
                with contextlib.suppress(OSError):
                    request.sendall(_BUSY)
                return False
            self._since[request] = time.monotonic()
            return True

    def shutdown_request(self, request: Any) -> None:
        """It is over."""
        with self._lock:
            self._since.pop(request, None)
        super().shutdown_request(request)

    def service_actions(self) -> None:
        """End what takes too long; called ten times a second."""
        with self._lock:
            oldest = time.monotonic() - _LONGEST_S
            late = [request for request, since in self._since.items() if since < oldest]
            for request in late:
                with contextlib.suppress(OSError):
                    request.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - not ours
        """A client that went away is for the verbose log, not for the terminal."""
        logger.debug("REST: %s: %r", client_address, sys.exception())


class _Handler(BaseHTTPRequestHandler):
    """One request."""

    server_version = "k6ws"
    sys_version = ""
    protocol_version = "HTTP/1.1"
    timeout = _PATIENCE_S

    def do_GET(self) -> None:
        """Tell something."""
        self._answer(self._get)

    def do_PATCH(self) -> None:
        """Change something."""
        self._answer(self._patch)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Requests are for the verbose log."""
        logger.debug("REST: " + format, *args)  # noqa: G003 - the format is the base class's

    def _answer(self, make: Any) -> None:
        try:
            status, body = 200, make()
        except _RefusedError as refused:
            status = refused.status
            body = {"errors": [{"status": str(status), "title": str(refused)}]}
        text = body if isinstance(body, str) else json.dumps(body)
        data = text.encode()
        self.send_response(status)
        kind = "text/plain" if isinstance(body, str) else "application/json"
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _get(self) -> Any:
        runner = self._runner
        path = unquote(self.path.split("?", 1)[0]).rstrip("/")
        if path == "/ping":
            return "ok"
        if path == "/v1/status":
            return _status(runner)
        if path == "/v1/metrics":
            data = runner.figures()
            return {"data": [_metric(name, one) for name, one in data["metrics"].items()]}
        if path.startswith("/v1/metrics/"):
            name = path.removeprefix("/v1/metrics/")
            one = runner.figures()["metrics"].get(name)
            if one is None:
                raise _RefusedError(404, f"no metric with the name {name!r} has samples")
            return {"data": _metric(name, one)}
        raise _RefusedError(404, f"there is nothing at {path or '/'!r}")

    def _patch(self) -> Any:
        path = self.path.split("?", 1)[0].rstrip("/")
        if path != "/v1/status":
            raise _RefusedError(404, f"there is nothing to change at {path!r}")
        wanted = self._attributes()
        runner = self._runner
        if wanted.get("stopped") is True:
            runner.stop(exit_codes.STOPPED_BY_REST)
        if "vus" in wanted or "vus-max" in wanted:
            raise _RefusedError(500, "live VU configuration updates are not supported")
        if wanted.get("paused") is True and runner.phase > Phase.PAUSED:
            message = "the test doesn't support pause and resume operations after its start"
            raise _RefusedError(500, message)
        if wanted.get("paused") is False:
            runner.unpause()
        return _status(runner)

    def _attributes(self) -> Mapping[str, Any]:
        try:
            length = int(self.headers.get("Content-Length") or 0)
        except ValueError:
            raise _RefusedError(400, "the Content-Length is no number") from None
        if not 0 <= length <= _MAX_BODY:
            self.close_connection = True
            raise _RefusedError(413, f"a body has at most {_MAX_BODY} bytes")
        try:
            body = json.loads(self.rfile.read(length))
            attributes = body["data"]["attributes"]
        except (ValueError, KeyError, TypeError, RecursionError):
            attributes = None
        if not isinstance(attributes, dict):
            message = (
                'the body must be {"data": {"type": "status", "id": "default", "attributes": …}}'
            )
            raise _RefusedError(400, message)
        return cast("dict[str, Any]", attributes)

    @property
    def _runner(self) -> Runner:
        return cast("_Server", self.server).runner


def _status(runner: Runner) -> dict[str, Any]:
    phase = runner.phase
    progress = runner.core.instance_status()
    attributes = {
        "status": int(phase),
        "paused": runner.is_paused,
        "vus": progress.vus_active,
        "vus-max": progress.vus_initialized,
        "stopped": phase >= Phase.ENDED or runner.exit_code != exit_codes.OK,
        "running": runner.is_running,
        "tainted": any(_is_tainted(one) for one in runner.figures()["metrics"].values()),
    }
    return {"data": {"type": "status", "id": "default", "attributes": attributes}}


def _metric(name: str, one: Mapping[str, Any]) -> dict[str, Any]:
    attributes = {
        "type": one["type"],
        "contains": one["contains"],
        "tainted": _is_tainted(one) if one.get("thresholds") else None,
        "sample": one["values"],
    }
    return {"type": "metrics", "id": name, "attributes": attributes}


def _is_tainted(one: Mapping[str, Any]) -> bool:
    thresholds: Mapping[str, Any] = one.get("thresholds") or {}
    return any(
        not verdict["ok"] and verdict.get("value") is not None for verdict in thresholds.values()
    )


def _parsed(address: str) -> tuple[str, int]:
    """`host:port`, `:port` or `host`; loopback and k6's port where they are left out."""
    host, colon, port = address.rpartition(":")
    if not colon:
        host, port = address, ""
    host = host.strip("[]")
    if port and not (port.isascii() and port.isdigit() and int(port) <= _MAX_PORT):
        message = f"invalid --address {address!r}: expected HOST:PORT"
        raise RestError(message, "localhost:6565, for example")
    return _HOST if host in {"", "localhost"} else host, int(port) if port else _PORT


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
