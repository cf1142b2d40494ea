import pytest

from tocsin.readers._web import Target, host_name, split_request, split_target


@pytest.mark.parametrize(
    ("target", "parts"),
    [
        ("/a?b=c?d", Target(None, "/a", "b=c?d")),
        ("/a?", Target(None, "/a", "")),
        ("/", Target(None, "/", None)),
        ("*", Target(None, "*", None)),
        ("http://WWW.Example.org:8080/a?b", Target("www.example.org", "/a", "b")),
        ("https://example.org", Target("example.org", "/", None)),
        ("/redirect?to=http://example.org/", Target(None, "/redirect", "to=http://example.org/")),
        ("", Target(None, None, None)),
    ],
)
def test_targets(target, parts):
    assert split_target(target) == parts


@pytest.mark.parametrize(
    ("request_line", "parts"),
    [
        ("GET /a HTTP/1.1", ("GET", "/a")),
        ("VERSION-CONTROL /a HTTP/1.1", ("VERSION-CONTROL", "/a")),
        ("GET /a b HTTP/1.1", ("GET", "/a b")),
        ("GET /a", ("GET", "/a")),
        ("\\x16\\x03 /a", (None, "\\x16\\x03 /a")),
        ("SSH-2.0-x", (None, "SSH-2.0-x")),
        ("hello world", (None, "hello world")),
        ("GET", (None, "GET")),
        ("", (None, "")),
        ("A" * 33 + " / HTTP/1.1", (None, "A" * 33 + " / HTTP/1.1")),
        ("A" * 32 + " / HTTP/1.1", ("A" * 32, "/")),
    ],
)  # fmt: skip
def test_request_lines(request_line, parts):
    assert split_request(request_line) == parts


@pytest.mark.parametrize(
    ("authority", "host"),
    [("Example.org:443", "example.org"), ("[2001:db8::1]:443", "2001:db8::1"), ("2001:db8::1", "2001:db8::1"), ("u@example.org", "example.org"),
     ("-", None), ("", None), (None, None), (":80", None)],
)  # fmt: skip
def test_hosts_without_port(authority, host):
    assert host_name(authority) == host
