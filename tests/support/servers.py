"""The servers a test may ask for; one import for all of them."""

from support.aiohttp_server import AiohttpServer
from support.certificates import Authority
from support.scripted import (
    Peer,
    ScriptedServer,
    Step,
    acceptance,
    drip,
    fin,
    hang,
    read_frame,
    read_request,
    read_to_end,
    rst,
    send,
    upgrade,
    wait_for,
)
from support.websockets_server import WebsocketsServer

EchoServer = AiohttpServer | WebsocketsServer

__all__ = [
    "AiohttpServer",
    "Authority",
    "EchoServer",
    "Peer",
    "ScriptedServer",
    "Step",
    "WebsocketsServer",
    "acceptance",
    "drip",
    "fin",
    "hang",
    "read_frame",
    "read_request",
    "read_to_end",
    "rst",
    "send",
    "upgrade",
    "wait_for",
]
