"""Sessions of `k6ws.ws`, and the WebSocket protocol that both APIs speak."""
