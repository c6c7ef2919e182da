"""SMTP with STARTTLS: mails, each step timed by itself.

    k6ws run smtp.py -e HOST=127.0.0.1 -e PORT=8025 -e CA=ca.pem -e ROUNDS=10

`CA`: who has signed the certificate of the server; without it any is accepted. `ROUNDS`: how many mails
each user sends.
"""

from k6ws import Tls, env, tcp
from k6ws.correlate import in_order
from k6ws.framing import lines
from k6ws.match import regex, starts_with

HOST, PORT = env.get("HOST", "127.0.0.1"), int(env.get("PORT", "8025"))
ROUNDS = int(env.get("ROUNDS", "10"))
TLS: Tls = {"ca": env["CA"]} if "CA" in env else {"insecure_skip_tls_verify": True}

# A reply is one line or several; all but the last have a hyphen behind the code (RFC 5321, section 4.2.1).
REPLIES = in_order(done=~regex(r"^\d{3}-"))

options = {
    "vus": 5,
    "iterations": 10,
    "thresholds": {
        "tcp_req_failed": ["rate<0.01"],
        "tcp_req_duration{name:MAIL}": ["p(95)<200"],
        "tcp_req_duration{name:end of DATA}": ["p(95)<500"],
    },
}


def default() -> None:
    with tcp.open(HOST, PORT, framing=lines("\r\n"), correlate=REPLIES) as session:

        def ask(line: str | None, name: str, code: str) -> None:
            session.request(line, name, check=starts_with(code))

        ask(None, "greeting", "220 ")
        ask("EHLO k6ws.test", "EHLO", "250 ")
        ask("STARTTLS", "STARTTLS", "220 ")
        session.start_tls(TLS)
        ask("EHLO k6ws.test", "EHLO", "250 ")
        for number in range(ROUNDS):
            ask("MAIL FROM:<sender@k6ws.test>", "MAIL", "250 ")
            ask("RCPT TO:<reader@k6ws.test>", "RCPT", "250 ")
            ask("DATA", "DATA", "354 ")
            ask(f"Subject: number {number}\r\n\r\nhello\r\n.", "end of DATA", "250 ")
        ask("QUIT", "QUIT", "221 ")
