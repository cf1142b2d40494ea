import gzip
import os
import pickle
from pathlib import Path

import pytest

from tocsin.errors import EvidenceError
from tocsin.intake import Item, gather, verify_unchanged
from tocsin.intake.items import member_name, shown

TEXT = b"GET / 200\n" * 20_000


def item_of(path: Path, data: bytes = TEXT) -> Item:
    path.write_bytes(data)
    [item] = gather([path], spool=path.parent / "spool")
    assert isinstance(item, Item)
    return item


def test_an_item_can_be_sent_to_another_process_and_opened_there(tmp_path):
    item = pickle.loads(pickle.dumps(item_of(tmp_path / "a.gz", gzip.compress(TEXT))))  # noqa: S301 - our own
    with item.open() as stream:
        assert stream.read() == TEXT


def test_the_head_is_64_kib_of_unwrapped_content_or_what_there_is(tmp_path):
    assert item_of(tmp_path / "a.gz", gzip.compress(TEXT)).head() == TEXT[:65536]
    assert TEXT.startswith(item_of(tmp_path / "b.gz", gzip.compress(TEXT)[:200]).head())


def test_evidence_cannot_be_written_through_an_item(tmp_path):
    with item_of(tmp_path / "a").open() as stream:
        assert not stream.writable()
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.write(stream.fileno(), b"x")


def test_unchanged_evidence_is_verified_by_its_status_or_else_by_its_content(tmp_path):
    item = item_of(tmp_path / "a")
    assert verify_unchanged(item)
    os.utime(item.path, ns=(1, 1))
    assert verify_unchanged(item)
    with item.open() as stream:
        assert stream.read() == TEXT


@pytest.mark.parametrize("data", [TEXT + b"x", TEXT[::-1], b""])
def test_changed_evidence_is_noticed(tmp_path, data):
    item = item_of(tmp_path / "a")
    item.path.write_bytes(data)
    assert not verify_unchanged(item)
    with pytest.raises(EvidenceError, match="changed after it was hashed"):
        item.open()


def test_evidence_that_is_gone_is_told(tmp_path):
    item = item_of(tmp_path / "a")
    item.path.unlink()
    for attempt in (item.open, item.head, lambda: verify_unchanged(item)):
        with pytest.raises(EvidenceError, match="No such file"):
            attempt()


def test_evidence_replaced_by_a_link_is_not_followed(tmp_path):
    item = item_of(tmp_path / "a")
    item.path.rename(tmp_path / "b")
    item.path.symlink_to(tmp_path / "b")
    with pytest.raises(EvidenceError, match="symbolic link"):
        item.open()


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        (b"access.log", "access.log"),
        ("žluťoučký.log", "žluťoučký.log"),
        (b"caf\xe9.log", "caf\\xe9.log"),
        ("bad\udcff", "bad\\udcff"),
        ("a\nb\x1b[31m", "a\\nb\\x1b[31m"),
        ("gpj.\u202eexe", "gpj.\\u202eexe"),
    ],
)
def test_names_are_shown_without_harm(given, seen):
    assert shown(given) == seen


def test_names_are_shown_in_bounded_length():
    assert len(shown("a" * 100_000)) == 500


@pytest.mark.parametrize(
    ("given", "clean", "said"),
    [
        ("logs/access.log", "logs/access.log", False),
        ("./logs//access.log", "logs/access.log", False),
        ("logs\\access.log", "logs/access.log", False),
        ("a..b/access.log", "a..b/access.log", False),
        ("../../etc/passwd", "etc/passwd", True),
        ("logs\\..\\..\\passwd", "logs/passwd", True),
        ("/etc/passwd", "etc/passwd", True),
        ("\\\\host\\share\\passwd", "host/share/passwd", True),
        ("C:\\logs\\access.log", "logs/access.log", True),
        ("..", "unnamed", True),
        ("", "unnamed", False),
    ],
)
def test_a_members_name_keeps_no_way_out_of_the_archive(given, clean, said):
    name, words = member_name(given)
    assert name == clean
    assert ("leads outside" in words) is said
