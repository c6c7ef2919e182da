"""What the socket APIs share: how a connection is asked for, and how a session runs on it.

| file | what it is | knows |
| --- | --- | --- |
| ``surrogates``, ``close_code`` | what scripts give, as the wire takes it | nothing of k6ws |
| ``url`` | a URL, taken apart | nothing of k6ws |
| ``handshake`` | from a URL and parameters to what the core needs, and back | ``url``, ``_params`` |
| ``send_room`` | waiting until a connection has room to send | ``_loop`` |
| ``unhandled`` | messages without a handler | ``_loop`` |
| ``reading`` | whether a connection reads, as a face offers it | nothing of k6ws |
| ``ends`` | how a WebSocket ends, and what an end is to handlers of errors | ``errors`` |
| ``session`` | what every session does alike; the rest is its state table | ``_loop``, ``send_room`` |
"""
