"""The cookie jar by itself: whose cookie is whose, and how `Set-Cookie` may be given."""

from __future__ import annotations

from typing import Any

import pytest

from k6ws.errors import InvalidParameter
from k6ws.http import CookieJar

EXPIRING = "sid=1; Expires=Wed, 09 Jun 2100 10:18:14 GMT; HttpOnly; Path=/"
PLAIN = "area=private; Path=/"
LOGIN = "http://127.0.0.1/login"


@pytest.mark.parametrize(
    ("asked", "is_kept"),
    [
        ("http://notexample.com/", True),
        ("http://example.com.evil.test/", True),
        ("http://ample.com/", True),
        ("http://example.com:8080/any/path", False),
        ("http://EXAMPLE.com/", False),
        ("http://deep.chat.example.com/", False),
    ],
)
@pytest.mark.parametrize("domain", [None, "example.com", ".example.com"])
@pytest.mark.parametrize("call", ["delete", "clear"])
def test_only_the_cookie_of_that_host_or_of_a_domain_it_is_in_is_forgotten(
    asked: str, is_kept: bool, domain: str | None, call: str
) -> None:
    jar = CookieJar()
    jar.set("http://example.com/", "session", "1", {"domain": domain} if domain else None)
    if call == "delete":
        jar.delete(asked, "session")
    else:
        jar.clear(asked)
    left = jar.cookies_for_url("http://example.com/")
    assert left == ({"session": ["1"]} if is_kept else {})


@pytest.mark.parametrize(
    "given",
    [
        f"{EXPIRING}, {PLAIN}",
        f"{PLAIN},{EXPIRING}",
        f"{EXPIRING}\n{PLAIN}",
        f"{EXPIRING}\r\n{PLAIN}\r\n",
        [EXPIRING, PLAIN],
        (value for value in (PLAIN, EXPIRING)),
    ],
    ids=["comma", "bare comma", "newline", "crlf", "list", "generator"],
)
def test_several_values_of_set_cookie_are_all_stored(given: Any) -> None:
    jar = CookieJar()
    jar.store_from(LOGIN, given)
    assert jar.cookies_for_url("http://127.0.0.1/") == {"sid": ["1"], "area": ["private"]}


def test_commas_that_part_nothing_stay_in_their_value() -> None:
    jar = CookieJar()
    jar.store_from(LOGIN, 'quoted="a, b=2"; Path=/, list=1,2,3; Path=/')
    assert jar.header_for("http://127.0.0.1/") == 'quoted="a, b=2"; list=1,2,3'
    whole = CookieJar()
    whole.store_from(LOGIN, ["prefs=a,b=2; Path=/"])
    assert whole.header_for("http://127.0.0.1/") == "prefs=a,b=2"


@pytest.mark.parametrize("given", [None, 3, b"sid=1", {"sid": "1"}, [b"sid=1"], ["sid=1", None]])
def test_what_is_no_text_is_refused_and_stores_nothing(given: Any) -> None:
    jar = CookieJar()
    with pytest.raises(InvalidParameter, match="Set-Cookie is text or a list of texts, not a"):
        jar.store_from(LOGIN, given)
    assert jar.is_empty()


ADDRESSES = ["[::1]", "[2001:db8::7]", "[::ffff:127.0.0.1]", "[fe80::1%25eth0.5]"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", *ADDRESSES])
@pytest.mark.parametrize("how", ["set", "set with domain", "store_from", "store_from with domain"])
def test_an_address_has_its_own_cookies(host: str, how: str) -> None:
    jar, url = CookieJar(), f"http://{host}:8080/"
    has_domain = how.endswith("domain") and host != "localhost"
    if how.startswith("set"):
        jar.set(url, "sid", "1", {"domain": host} if has_domain else None)
    else:
        jar.store_from(url, f"sid=1; Path=/{f'; Domain={host}' if has_domain else ''}")
    for same in (f"ws://{host}:8080/", f"ws://{host}/chat", f"wss://user:pw@{host}:1/?x=1"):
        assert jar.header_for(same) == "sid=1", same
    for other in ("127.0.0.2", "example.com", "[::2]", "[2001:db8::77]", "[fe80::1]"):
        jar.delete(f"http://{other}/", "sid")
        assert jar.header_for(f"ws://{other}:8080/") == "", other
    assert jar.cookies_for_url(url) == {"sid": ["1"]}
    jar.delete(url, "sid")
    assert jar.is_empty()


def test_an_ipv6_address_is_the_same_in_every_spelling() -> None:
    jar = CookieJar()
    jar.set("http://[2001:DB8:0:0::7]/", "sid", "1")
    assert jar.header_for("ws://[2001:db8::7]:9/") == "sid=1"


@pytest.mark.parametrize(
    ("name", "value", "options"),
    [
        (None, "x", None),
        ("a", None, None),
        ("a", "b\r\nX-Injected: 1", None),
        ("a\0", "b", None),
        ("a", "\ud800", None),
        ("a", "b", "abc"),
        ("a", "b", 5),
        ("a", "b", {"expires": "tomorrow"}),
        ("a", "b", {"max_age": "x"}),
        ("a", "b", {"max_age": float("inf")}),
        ("a", "b", {"max_age": 10**400}),
    ],
)
def test_a_cookie_that_cannot_be_is_refused_and_the_jar_is_as_before(
    name: Any, value: Any, options: Any
) -> None:
    """One that no header can carry once failed every connect that followed."""
    jar = CookieJar()
    jar.set("http://localhost/", "good", "1")
    with pytest.raises(InvalidParameter, match="cookie"):
        jar.set("http://localhost/", name, value, options)
    assert jar.header_for("http://localhost/") == "good=1"


def test_a_cookie_of_a_server_that_no_header_can_carry_is_ignored() -> None:
    jar = CookieJar()
    jar.store_from("http://localhost/", ["bad=\x01; Path=/", "good=1; Path=/"])
    assert jar.header_for("http://localhost/") == "good=1"
