"""The service of `support.service` as a process of its own; its argument is `ws` or `tcp`."""

from __future__ import annotations

import json
import signal
import sys

from support.service import TcpService, WebSocketService

# Before its thread starts, which inherits it.
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
with (WebSocketService if sys.argv[1] == "ws" else TcpService)() as service:
    print(service.port, flush=True)
    signal.sigwait({signal.SIGTERM})
# Last of all that is printed: some say at their end that they have been ended.
print(json.dumps(service.heard), flush=True)
