"""Gets packs over the network, where there is one. What arrives is installed as any file: checked whole, or not at all."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from tocsin.errors import PackError
from tocsin.packs.file import FILE_MAX
from tocsin.packs.store import import_pack

TIMEOUT_S = 60


class _NoDowngrade(HTTPRedirectHandler):
    """A redirect may not lead from https to anything else."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):  # type: ignore[no-untyped-def]
        if urlsplit(req.full_url).scheme == "https" and urlsplit(newurl).scheme != "https":
            raise URLError(f"redirected from https to {urlsplit(newurl).scheme}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def update(urls: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Install what the addresses give, one after the other; yields the pack's name and what was done.

    Raises:
        PackError: No address, one that cannot be reached or is none, or what it gives is no pack that may be installed.
    """
    if not urls:
        raise PackError("expected at least one address, found none. Name one, or set TOCSIN_PACK_URLS.")
    for url in urls:
        if urlsplit(url).scheme not in ("https", "http"):
            raise PackError(f"{url[:200]}: expected an address with https:// or http://")
    with tempfile.TemporaryDirectory(prefix="tocsin-") as folder:
        for number, url in enumerate(urls):
            path = Path(folder) / f"{number}.pack"
            size = _download(url, path)
            manifest = import_pack(path)
            yield manifest.name, f"installed, {size:,} bytes, oldest source {manifest.date or 'unknown'}"


def _download(url: str, path: Path) -> int:
    done = 0
    try:
        request = Request(url, headers={"User-Agent": "tocsin"})  # noqa: S310 - http or https, by the caller
        with build_opener(_NoDowngrade).open(request, timeout=TIMEOUT_S) as answer, path.open("wb") as file:
            while block := answer.read(1 << 20):
                done += len(block)
                if done > FILE_MAX:
                    raise PackError(f"{url}: gives more than {FILE_MAX:,} bytes. No pack is so large.")
                file.write(block)
            expected = answer.headers.get("Content-Length")
            if expected and int(expected) != done:
                raise PackError(f"{url}: gave {done:,} of {expected} bytes. Try again.")
    except (OSError, ValueError) as error:
        raise PackError(f"{url}: cannot be got ({error}). Check the address and the network.") from error
    return done
