"""Nothing is served in the clear where others could listen, and each mistake has its word."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tocsin.cli import app
from tocsin.ops.config import server


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (["--host", "::"], "expected TLS"),
        (["--host", "192.0.2.1"], "expected TLS"),
        (["--host", "somewhere"], "expected an address"),
        (["--certificate", "none.pem", "--key", "none.pem"], "no such file"),
        (["--certificate", __file__], "go together"),
    ],
)
def test_a_wrong_address_or_certificate(options, word):
    said = CliRunner().invoke(app, ["serve", *options])
    assert said.exit_code == 2
    assert word in said.output


@pytest.mark.parametrize(
    ("host", "certificate", "url"),
    [
        ("127.0.0.1", None, "http://127.0.0.1:1"),
        ("::1", None, "http://[::1]:1"),
        ("192.0.2.1", Path("c"), "https://192.0.2.1:1"),
    ],
)
def test_what_people_type(host, certificate, url):
    assert server.Serving(host, 1, 1, False, certificate).url == url
