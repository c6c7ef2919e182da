"""Names, texts and a peer that mean harm to a page, and a script that has them everywhere."""

from __future__ import annotations

import contextlib
import http
import threading
from collections.abc import Generator
from urllib.parse import parse_qs, urlsplit

from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

# What runs in the page says so here.
STRUCK = "globalThis.struck = (globalThis.struck ?? 0) + 1"
LONG = "long " + "x" * 99_995
TEXTS = [
    f"<script>{STRUCK}</script>",
    f"</script><script>{STRUCK}</script>",
    f'<img src=x onerror="{STRUCK}">',
    f"<svg onload='{STRUCK}'><animate onbegin='{STRUCK}' attributeName=x dur=1s>",
    f'"><iframe srcdoc="<script>parent.{STRUCK}</script>"></iframe>',
    f"' autofocus tabindex=1 onfocus='{STRUCK}",
    f"javascript:{STRUCK}//",
    "<!-- <script> -->",
    "<!--",
    "]]><![CDATA[",
    "</style><style>*{display:none!important}</style>",
    "</title></head><base href='http://192.0.2.1/'>",
    "<meta http-equiv=refresh content='0;url=http://192.0.2.1/'>",
    "<form action='http://192.0.2.1/'><input name=x>",
    "{{constructor.constructor('x')()}} ${alert(1)} #{7*7}",
    "&lt;b&gt; &amp; &#60;",
    "__proto__",
    "constructor",
    "hasOwnProperty",
    "toString",
    "__defineGetter__",
    "line\none\r\ntab\tbell\x07escape\x1b[31m delete\x7f",
    "next\x85line paragraph\u2028separators\u2029here",
    "emoji 👩‍👩‍👧‍👦 🏳️‍🌈 é̸̢̛͓ ﷽",
    "\u202eright to left\u202c שלום مرحبا \u2066isolated",
    "zero\u200bwidth\ufeff\u00ad",
    "'\"`\\ \\u003c \\x3c %3Cscript%3E",
    'a,b;c\t"d"',
    '=HYPERLINK("http://192.0.2.1/")',
    " ",
    LONG,
]
# Names that an object of JavaScript has, and that k6ws takes for metrics.
METRICS = ["__proto__", "constructor", "hasOwnProperty", "toString", "valueOf", "isPrototypeOf"]
SCRIPT = """
# </script><script>STRUCK</script> <!-- <script> \u2028 \u202e \U0001f469
import json
from pathlib import Path
from urllib.parse import quote

from k6ws import check, env, execution, group, ws
from k6ws.correlate import in_order
from k6ws.metrics import Counter, Gauge, Rate, Trend

texts = json.loads(Path(env["TEXTS"]).read_text())
counters = [Counter(name) for name in METRICS]
own = Trend("own", is_time=True), Gauge("depth"), Rate("share")
options = {
    "vus": 1,
    "iterations": 2,
    "thresholds": {"own": ["p(95)<0.5", "max<100"], "constructor": ["count>1"], "checks": ["rate>0.9"]},
    "tags": {"<b>all</b>": "</script>"},
}


def default():
    for number, text in enumerate(texts):
        for one in counters:
            one.add(1, {"kind": text})
            if text.strip():
                one.add(1, {text[:100]: text})
        for one in own:
            one.add(number % 2, {"kind": text})
        check(None, {text: number % 2 == 0})
        group(text.replace("::", ":"), lambda: check(None, {"inside": True}))
        execution.mark(text)
        with ws.open(env["URL"], correlate=in_order()) as session:
            session.request("hello", name=text)
        for way in ("close", "refuse"):
            where = f"{env['URL']}{way}?text={quote(text.encode()[:100])}"
            ws.connect(where, {"tags": {"name": text}}, lambda socket: None)
    if execution.vu.iteration_in_scenario:
        raise ValueError("".join(texts))
    raise type("</script>", (Exception,), {})(texts[0])
"""


def script() -> str:
    """The script, whose own text means harm as well."""
    return SCRIPT.replace("STRUCK", STRUCK).replace("METRICS", repr(METRICS))


@contextlib.contextmanager
def peer() -> Generator[str, None, None]:
    """The URL of a server that says back what it is asked: as a message, a reason, a refusal."""
    with serve(_speak, "127.0.0.1", 0, process_request=_refuse, compression=None) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}/"
        finally:
            server.shutdown()
            serving.join()


def _text(request: Request | None) -> str:
    assert request is not None
    return parse_qs(urlsplit(request.path).query).get("text", [""])[0]


def _speak(connection: ServerConnection) -> None:
    request = connection.request
    if request is not None and request.path.startswith("/close"):
        # A reason has 123 bytes.
        reason = _text(request).encode()[:123].decode(errors="ignore")
        connection.close(4001, reason)
        return
    with contextlib.suppress(ConnectionClosed):
        for message in connection:
            connection.send(message)


def _refuse(_: ServerConnection, request: Request) -> Response | None:
    if not request.path.startswith("/refuse"):
        return None
    body = _text(request).encode()
    headers = Headers({"Content-Length": str(len(body)), "Content-Type": "text/html"})
    return Response(http.HTTPStatus.FORBIDDEN, "Forbidden", headers, body)
