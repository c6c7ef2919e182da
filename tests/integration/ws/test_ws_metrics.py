"""What a session adds to the numbers, and which tags it adds them under."""

from __future__ import annotations

import pytest

import k6ws
from k6ws import K6Error, execution, group, ws
from support import frames
from support.runs import SESSION_METRICS, STATE, run_once, session_in_run, total
from support.servers import ScriptedServer, WebsocketsServer, fin, read_to_end, upgrade


def close(socket: ws.Socket) -> None:
    socket.close()


def echo_once(socket: ws.Socket) -> None:
    """One message there and back, one ping, and out."""
    socket.on("open", lambda: (socket.ping(), socket.send("test")))
    socket.on("message", lambda: socket.close())


ECHO_METRICS = (*SESSION_METRICS, "ws_msgs_sent", "ws_msgs_received", "ws_ping")


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        pytest.param("status", "101", marks=pytest.mark.parity("ws-status-tag-alone")),
        pytest.param("subproto", "", marks=pytest.mark.parity("ws-subproto-tag-alone")),
        pytest.param("url", None, marks=pytest.mark.parity("ws-url-tag-alone")),
        pytest.param("ip", "127.0.0.1", marks=pytest.mark.parity("ws-ip-tag-alone")),
    ],
)
def test_a_system_tag_enabled_alone_is_the_only_tag(
    server: WebsocketsServer, tag: str, value: str | None
) -> None:
    url = server.url("/ws-echo")
    _, result = session_in_run(url, echo_once, system_tags=[tag])
    expected = {tag: url if value is None else value}
    for metric in ECHO_METRICS:
        assert (metric, [tags for tags, _ in result.series(metric)]) == (metric, [expected])


def test_the_ip_tag_of_a_failed_dial_is_absent_and_harmless() -> None:
    response, result = session_in_run("ws://127.0.0.1:1/", close, system_tags=["ip"], throw=False)
    assert response.status == 0
    assert [tags for tags, _ in result.series("ws_sessions")] == [{}]


def test_a_session_is_counted_once_and_timed(server: WebsocketsServer) -> None:
    def session(socket: ws.Socket) -> None:
        socket.set_timeout(socket.close, 100)

    _, result = session_in_run(server.url("/ws-echo"), session)
    metrics = result.metrics
    assert metrics["ws_sessions"].count == 1
    assert 0 < metrics["ws_connecting"].avg < 1000
    assert 100 <= metrics["ws_session_duration"].min < 2000
    assert metrics["ws_session_duration"].max > metrics["ws_connecting"].max


@pytest.mark.parametrize(("path", "status"), [("/status/404", "404"), ("", None)])
def test_a_failed_handshake_is_counted_and_timed(
    server: WebsocketsServer, path: str, status: str | None
) -> None:
    url = server.url(path) if path else "ws://127.0.0.1:1/"
    _, result = session_in_run(url, close, throw=False)
    expected = {"url": url} | ({"status": status, "subproto": ""} if status else {})
    for metric in SESSION_METRICS:
        (tags, values), *others = result.series(metric)
        assert (metric, tags, values["count"], others) == (metric, expected, 1, [])


def test_ping_and_close_are_no_messages(server: WebsocketsServer) -> None:
    def session(socket: ws.Socket) -> None:
        socket.on("open", lambda: socket.ping())
        socket.on("pong", lambda: socket.close())

    _, result = session_in_run(server.url("/ws-echo"), session)
    assert result.series("ws_msgs_sent") == []
    assert result.series("ws_msgs_received") == []
    assert result.metrics["ws_ping"].max < 1000


def test_bytes_are_counted_per_iteration_without_tags_of_the_socket(
    server: WebsocketsServer,
) -> None:
    def session(socket: ws.Socket) -> None:
        socket.on("open", lambda: socket.send("x" * 1000))
        socket.on("message", lambda: socket.close())

    _, result = session_in_run(server.url("/ws-echo"), session)
    for metric in ("data_sent", "data_received"):
        ((tags, values),) = result.series(metric)
        assert not {"url", "status", "subproto"} & tags.keys()
        assert 1100 < values["count"] < 2000


def test_user_tags_are_added_and_stringified_as_in_javascript(server: WebsocketsServer) -> None:
    url = server.url("/ws-echo")
    params = {"tags": {"text": "a", "flag": True, "number": 13, "fraction": 1.5, "url": "mine"}}
    _, result = session_in_run(url, echo_once, params)
    expected = {
        "text": "a",
        "flag": "true",
        "number": "13",
        "fraction": "1.5",
        "url": url,
        "status": "101",
        "subproto": "",
    }
    for metric in ECHO_METRICS:
        assert (metric, [tags for tags, _ in result.series(metric)]) == (metric, [expected])


def test_tags_may_be_none(server: WebsocketsServer) -> None:
    response, _ = session_in_run(server.url("/ws-echo"), close, {"tags": None})
    assert response.status == 101


@pytest.mark.parametrize("value", [None, {}, [], print])
def test_a_tag_of_another_type_is_refused_before_connecting(
    server: WebsocketsServer, value: object
) -> None:
    with pytest.raises(K6Error) as caught:
        ws.connect(server.url("/ws-echo"), {"tags": {"K": value}}, close)  # type: ignore[arg-type]
    assert str(caught.value).startswith(
        "invalid ws.connect() metric tags: invalid value for metric tag 'K': "
        "only String, Boolean and Number types are accepted as a metric tag values"
    )
    assert server.journal.sessions == []


def test_a_name_tag_names_the_url_too(server: WebsocketsServer) -> None:
    url = server.url("/ws-echo?user=1")
    _, result = session_in_run(url, close, {"tags": {"name": "chat"}}, system_tags=["url", "name"])
    assert [tags for tags, _ in result.series("ws_sessions")] == [{"name": "chat", "url": "chat"}]


def test_tags_are_those_of_the_moment_of_connect(server: WebsocketsServer) -> None:
    def session(socket: ws.Socket) -> None:
        def later() -> None:
            execution.vu.tags["room"] = "second"
            group("inner", lambda: socket.send("sent in another group"))

        socket.on("open", later)
        socket.on("message", lambda: socket.close())

    def default() -> None:
        execution.vu.tags["room"] = "first"
        group("outer", lambda: ws.connect(server.url("/ws-echo"), session))

    result = run_once(default, **{**STATE, "system_tags": ["group"]})
    for metric in (*SESSION_METRICS, "ws_msgs_sent", "ws_msgs_received"):
        seen = [tags for tags, _ in result.series(metric)]
        assert (metric, seen) == (metric, [{"group": "::outer", "room": "first"}])


def test_a_message_that_could_not_be_sent_is_not_counted() -> None:
    def session(socket: ws.Socket) -> None:
        socket.on("close", lambda: socket.send("too late"))

    with ScriptedServer([upgrade(then=frames.text("bye")), fin, read_to_end]) as server:
        _, result = session_in_run(server.url(), session)
    assert total(result, "ws_msgs_sent") == 0
    assert total(result, "ws_msgs_received") == 1


def test_every_iteration_of_every_vu_is_counted_under_run_and_own_tags(
    server: WebsocketsServer,
) -> None:
    url = server.url("/ws-echo")

    def default() -> None:
        def in_group() -> None:
            params: k6ws.Params = {"tags": {"over": "params", "own": "13"}}
            response = ws.connect(url, params, echo_once)
            k6ws.check(response, {"status is 101": lambda r: r.status == 101})

        group("websockets", in_group)

    result = run_once(default, vus=2, iterations=3, tags={"over": "run", "run": "yes"})
    expected = {
        "run": "yes",
        "over": "params",
        "own": "13",
        "scenario": "default",
        "group": "::websockets",
        "url": url,
        "status": "101",
        "subproto": "",
    }
    for metric in (*SESSION_METRICS, "ws_msgs_sent", "ws_msgs_received"):
        ((tags, values),) = result.series(metric)
        tags.pop("name", None)
        assert (metric, tags, values["count"]) == (metric, expected, 3)
    ((tags, values),) = result.series("checks")
    assert (tags["check"], tags["over"], tags["group"]) == ("status is 101", "run", "::websockets")
    assert (values["passes"], values["fails"]) == (3, 0)
    assert (result.checks["status is 101"].passes, result.checks["status is 101"].fails) == (3, 0)
    assert result.metrics["iterations"].count == 3
    assert result.metrics["data_sent"].count > 0
    assert result.metrics["data_received"].count > 0
    assert not [name for name in result.metrics if name.startswith("http_")]
    assert result.to_dict()["metrics"]["ws_sessions"]["values"]["count"] == 3


def test_tags_of_a_scenario_stay_in_their_scenario(server: WebsocketsServer) -> None:
    def scenario(name: str) -> k6ws.Scenario:
        tags = {"team": name}
        return {"executor": "per-vu-iterations", "vus": 1, "iterations": 1, "tags": tags}

    def default() -> None:
        ws.connect(server.url("/ws-echo"), {"tags": {"own": "1"}}, echo_once)

    result = k6ws.run(
        default,
        scenarios={"red": scenario("r"), "blue": scenario("b")},
        system_tags=["scenario"],
    )
    for metric in (*SESSION_METRICS, "ws_msgs_sent", "ws_msgs_received"):
        seen = sorted((tags for tags, _ in result.series(metric)), key=lambda tags: tags["team"])
        assert seen == [
            {"scenario": "blue", "team": "b", "own": "1"},
            {"scenario": "red", "team": "r", "own": "1"},
        ]
