"""Over a real server on loopback."""

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from kit.packs import osv, write_pack
from tocsin.errors import PackError
from tocsin.packs import store
from tocsin.packs.update import update


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture
def served(tmp_path, monkeypatch):
    monkeypatch.setenv("TOCSIN_PACKS", str(tmp_path / "installed"))
    (tmp_path / "www").mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(tmp_path / "www")))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield tmp_path / "www", f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_pack_is_got_and_installed(served):
    folder, url = served
    write_pack(folder / "a.pack", osv("A", "npm", "x", ("introduced", "0")))
    ((name, said),) = update([f"{url}/a.pack"])
    assert name == "kit" and "installed" in said and len(store.paths()) == 1


@pytest.mark.parametrize("path", ["none.pack", "bad.pack"])
def test_what_is_not_there_or_no_pack_changes_nothing(served, path):
    folder, url = served
    (folder / "bad.pack").write_bytes(b"<html>Sign in</html>")
    with pytest.raises(PackError):
        list(update([f"{url}/{path}"]))
    assert store.paths() == []


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x/y", "nonsense"])
def test_other_kinds_of_address_are_refused(url):
    with pytest.raises(PackError, match="https://"):
        list(update([url]))


def test_no_address_is_told():
    with pytest.raises(PackError, match="TOCSIN_PACK_URLS"):
        list(update([]))
