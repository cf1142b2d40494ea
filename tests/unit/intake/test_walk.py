import gzip
import hashlib
import io
import os
import random
import socket
import tarfile
import zipfile
import zlib
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from kit.archives import COMPRESS, RAR, SEVEN_ZIP, deflated, raw_zip, tar_of, tar_special, zip_of
from tocsin.errors import CaseError
from tocsin.intake import Item, Limits, Refusal, gather
from tocsin.terms import ReadStatus

TEXT = b"GET /index.html 200\n" * 300
ROOMY = Limits(free_bytes_min=0)


def gathered(*paths: Path, limits: Limits = ROOMY) -> list[Item | Refusal]:
    return list(gather(paths, spool=paths[0].parent / "spool", limits=limits))


def contents(outcomes: list[Item | Refusal]) -> dict[str, bytes]:
    found = {}
    for item in outcomes:
        if isinstance(item, Item):
            with item.open() as stream:
                found[item.evidence.name] = stream.read()
    return found


def reasons(outcomes: list[Item | Refusal]) -> dict[str, str]:
    return {refusal.name: refusal.reason for refusal in outcomes if isinstance(refusal, Refusal)}


def only(path: Path, data: bytes, limits: Limits = ROOMY) -> Item | Refusal:
    path.write_bytes(data)
    [outcome] = gathered(path, limits=limits)
    return outcome


def test_a_folder_is_walked_in_the_order_of_names_with_names_below_its_own(tmp_path):
    for name in ("b.log", "a.log", "sub/z.log", "sub.log", "Ž.log"):
        path = tmp_path / "evidence" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    names = [item.evidence.name for item in gathered(tmp_path / "evidence")]
    assert names == [f"evidence/{name}" for name in ("a.log", "b.log", "sub.log", "Ž.log", "sub/z.log")]


def test_the_outcome_does_not_depend_on_where_evidence_lies(tmp_path):
    seen = []
    for place in ("one", "two/deep"):
        folder = tmp_path / place / "evidence"
        folder.mkdir(parents=True)
        (folder / "a.zip").write_bytes(zip_of({"a": b"a", "b": b"a"}))
        seen.append([(o.evidence if isinstance(o, Item) else o) for o in gathered(folder)])
    assert seen[0] == seen[1]


def test_evidence_has_the_hash_and_size_of_what_was_handed_over(tmp_path):
    item = only(tmp_path / "a.log.gz", gzip.compress(TEXT, mtime=0))
    assert isinstance(item, Item)
    assert (item.evidence.id, item.evidence.size_bytes) == (item.evidence.sha256[:16], len(gzip.compress(TEXT, mtime=0)))
    assert (item.layers, item.path, item.evidence.container) == (("gzip",), tmp_path / "a.log.gz", None)


@pytest.mark.parametrize("codec", COMPRESS)
def test_compression_is_known_by_content_not_by_name(tmp_path, codec):
    item = only(tmp_path / "capture.pcap", COMPRESS[codec](TEXT))
    assert isinstance(item, Item)
    assert item.layers == (codec,)
    assert item.head() == TEXT
    assert only(tmp_path / "text.gz", TEXT + b"not packed").layers == ()


def test_progress_tells_name_and_bytes_done(tmp_path):
    (tmp_path / "a").write_bytes(bytes(3 << 20))
    told = []
    list(gather([tmp_path / "a"], spool=tmp_path / "s", progress=lambda *what: told.append(what)))
    assert told == [("a", done << 20, 3 << 20) for done in (1, 2, 3)]


class TestWhatIsNotTaken:
    def test_empty_files(self, tmp_path):
        assert reasons([only(tmp_path / "a", b"")]) == {"a": "empty file"}
        assert reasons([only(tmp_path / "b", gzip.compress(b""))]) == {"b": "empty once unwrapped"}

    def test_a_path_that_is_not_there(self, tmp_path):
        assert "No such file" in reasons(gathered(tmp_path / "typo.pcap"))[str(tmp_path / "typo.pcap")]

    def test_pipes_sockets_and_devices_in_a_folder_or_given(self, tmp_path):
        folder = tmp_path / "e"
        folder.mkdir()
        os.mkfifo(folder / "pipe")
        here = Path.cwd()
        with socket.socket(socket.AF_UNIX) as held:
            os.chdir(folder)  # a socket's path is at most 107 bytes
            held.bind("socket")
            os.chdir(here)
            (folder / "ok").write_bytes(b"ok")
            found = gathered(folder)
        assert contents(found) == {"e/ok": b"ok"}
        assert "named pipe" in reasons(found)["e/pipe"]
        assert "a socket" in reasons(found)["e/socket"]
        assert "a device" in reasons(gathered(Path("/dev/zero"), limits=ROOMY))["zero"]

    def test_links_in_a_folder_wherever_they_lead(self, tmp_path):
        folder = tmp_path / "e"
        folder.mkdir()
        (folder / "file").write_bytes(b"content")
        for name, target in (("inside", "file"), ("outside", "/etc/passwd"), ("loop", "loop"), ("up", ".."), ("none", "gone")):
            (folder / name).symlink_to(target)
        found = gathered(folder)
        assert contents(found) == {"e/file": b"content"}
        assert all("symbolic link to" in reason for reason in reasons(found).values())
        assert len(reasons(found)) == 5

    def test_links_given_are_followed_unless_they_lead_nowhere(self, tmp_path):
        (tmp_path / "file").write_bytes(b"content")
        (tmp_path / "link").symlink_to("file")
        (tmp_path / "gone").symlink_to("nothing")
        (tmp_path / "loop").symlink_to("loop")
        assert contents(gathered(tmp_path / "link")) == {"link": b"content"}
        assert all("Cannot be opened" in next(iter(reasons(gathered(tmp_path / name)).values())) for name in ("gone", "loop"))

    @pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
    def test_unreadable_files_and_folders(self, tmp_path):
        folder = tmp_path / "e"
        (folder / "closed").mkdir(parents=True)
        (folder / "secret").write_bytes(b"x")
        (folder / "secret").chmod(0)
        (folder / "closed").chmod(0)
        assert all("Permission denied" in reason for reason in reasons(gathered(folder)).values())
        (folder / "closed").chmod(0o700)

    def test_a_folder_that_vanishes_during_the_walk(self, tmp_path):
        (tmp_path / "e" / "sub").mkdir(parents=True)
        (tmp_path / "e" / "a").write_bytes(b"a")
        found = []
        for outcome in gather([tmp_path / "e"], spool=tmp_path / "s"):
            found.append(outcome)
            if isinstance(outcome, Item):
                (tmp_path / "e" / "sub").rmdir()
        assert "No such file" in reasons(found)["e/sub/"]

    def test_a_file_that_changes_while_it_is_hashed(self, tmp_path):
        path = tmp_path / "live.log"
        path.write_bytes(bytes(3 << 20))

        def append(*_: object) -> None:
            with path.open("ab") as out:
                out.write(b"x")

        [refusal] = gather([path], spool=tmp_path / "s", progress=append)
        assert isinstance(refusal, Refusal)
        assert "changed while it was being hashed" in refusal.reason
        assert refusal.status is ReadStatus.FAILED

    def test_a_sparse_file_that_says_more_than_it_holds(self, tmp_path):
        path = tmp_path / "holes"
        with path.open("wb") as out:
            out.truncate(1 << 40)
        assert "a sparse file that says 1.1 TB and holds 0 B" in reasons(gathered(path))["holes"]

    @pytest.mark.parametrize(
        ("data", "name"), [(SEVEN_ZIP, "7-Zip"), (RAR, "RAR"), (gzip.compress(RAR), "RAR")], ids=["7z", "rar", "rar in gzip"]
    )
    def test_archives_that_are_not_unpacked(self, tmp_path, data, name):
        refusal = only(tmp_path / "a", data)
        assert isinstance(refusal, Refusal)
        assert f"{name} archive" in refusal.reason
        assert refusal.status is ReadStatus.SKIPPED

    def test_what_only_looks_compressed(self, tmp_path):
        refusal = only(tmp_path / "a", b"\x1f\x8b\x08 no deflate here")
        assert isinstance(refusal, Refusal)
        assert "damaged gzip data" in refusal.reason
        assert refusal.status is ReadStatus.FAILED

    def test_the_spool_within_a_given_folder(self, tmp_path):
        (tmp_path / "a.zip").write_bytes(zip_of({"a": b"a"}))
        for _ in range(2):
            assert list(contents(list(gather([tmp_path], spool=tmp_path / "spool", limits=ROOMY)))) == [
                f"{tmp_path.name}/a.zip!a"
            ]


def test_names_that_are_not_utf_8_or_not_printable_are_escaped(tmp_path):
    folder = tmp_path / "e"
    folder.mkdir()
    for name in (b"caf\xe9", b"a\nb", "gpj.\u202eexe".encode()):
        (Path(os.fsdecode(bytes(folder) + b"/" + name))).write_bytes(name)
    assert sorted(contents(gathered(folder))) == ["e/a\\nb", "e/caf\\xe9", "e/gpj.\\u202eexe"]


class TestTheSameContentTwice:
    def test_is_taken_once_and_named(self, tmp_path):
        (tmp_path / "e").mkdir()
        for name in ("a", "b"):
            (tmp_path / "e" / name).write_bytes(TEXT)
        (tmp_path / "e" / "c.zip").write_bytes(zip_of({"d": TEXT}))
        found = gathered(tmp_path / "e")
        assert list(contents(found)) == ["e/a"]
        assert reasons(found) == {"e/b": "same content as e/a", "e/c.zip!d": "same content as e/a"}
        assert {r.duplicate_of for r in found if isinstance(r, Refusal)} == {"e/a"}

    def test_is_taken_once_even_if_one_is_compressed(self, tmp_path):
        (tmp_path / "e").mkdir()
        long = random.Random(5).randbytes(100_000)
        (tmp_path / "e" / "a.zst").write_bytes(zstandard.compress(long))
        (tmp_path / "e" / "b").write_bytes(long)
        (tmp_path / "e" / "c.gz").write_bytes(gzip.compress(long))
        (tmp_path / "e" / "d.gz").write_bytes(gzip.compress(long + b"another end"))
        (tmp_path / "e" / "e.gz").write_bytes(gzip.compress(long)[:-3])
        found = gathered(tmp_path / "e")
        taken = [outcome.evidence.name for outcome in found if isinstance(outcome, Item)]
        assert taken == ["e/a.zst", "e/d.gz", "e/e.gz"]
        assert reasons(found) == {"e/b": "same content as e/a.zst", "e/c.gz": "same content as e/a.zst"}


class TestArchives:
    @pytest.mark.parametrize("wrap", [bytes, gzip.compress, zstandard.compress], ids=["tar", "tar.gz", "tar.zst"])
    def test_tar_members_are_items(self, tmp_path, wrap):
        (tmp_path / "a").write_bytes(wrap(tar_of({"x/b.log": TEXT, "c.log.gz": gzip.compress(b"c")})))
        found = gathered(tmp_path / "a")
        assert contents(found) == {"a!x/b.log": TEXT, "a!c.log.gz": b"c"}
        assert [item.layers for item in found if isinstance(item, Item)] == [(), ("gzip",)]

    def test_zip_members_are_items_that_name_their_container(self, tmp_path):
        data = zip_of({"x/b.log": TEXT})
        (tmp_path / "a.zip").write_bytes(data)
        [item] = gathered(tmp_path / "a.zip")
        assert isinstance(item, Item)
        assert item.evidence.container == hashlib.sha256(data).hexdigest()
        assert item.path == tmp_path / "spool" / item.evidence.sha256

    def test_archives_in_archives_are_unpacked_and_not_left_in_the_spool(self, tmp_path):
        inner = gzip.compress(tar_of({"c.log": TEXT}))
        (tmp_path / "a").write_bytes(gzip.compress(zip_of({"b.tgz": inner})))
        found = gathered(tmp_path / "a")
        assert contents(found) == {"a!a!b.tgz!c.log": TEXT}
        [item] = found
        assert [path.name for path in (tmp_path / "spool").iterdir()] == [item.evidence.sha256]

    @pytest.mark.parametrize(("depth", "passes"), [(4, True), (3, False)])
    def test_archives_go_only_so_deep(self, tmp_path, depth, passes):
        data = zip_of({"b.tgz": gzip.compress(tar_of({"c.log.gz": gzip.compress(TEXT)}))})
        (tmp_path / "a.zip").write_bytes(data)
        found = gathered(tmp_path / "a.zip", limits=Limits(free_bytes_min=0, depth_max=depth))
        assert bool(contents(found)) is passes
        if not passes:
            assert "more than 3 deep" in reasons(found)["a.zip!b.tgz!c.log.gz"]

    def test_compressions_go_only_so_deep(self, tmp_path):
        data = TEXT
        for _ in range(5):
            data = gzip.compress(data)
        assert "more than 4 deep" in reasons([only(tmp_path / "a", data)])["a"]

    def test_documents_and_programs_stay_whole(self, tmp_path):
        for data in (zip_of({"[Content_Types].xml": b"<x/>"}), gzip.compress(zip_of({"META-INF/MANIFEST.MF": b"x"}))):
            item = only(tmp_path / "a", data)
            assert isinstance(item, Item)
            assert item.head().startswith(b"PK")

    def test_names_that_lead_outside_are_noted_and_the_content_is_read(self, tmp_path):
        for data in (zip_of({"../../evil": b"x"}), tar_of({"/etc/evil": b"y"})):
            item = only(tmp_path / "a", data)
            assert isinstance(item, Item)
            assert "leads outside" in item.note
            assert not item.partial
        assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "spool"]

    @pytest.mark.parametrize(("most", "taken"), [(3, 3), (2, 2)])
    @pytest.mark.parametrize("pack", [zip_of, tar_of])
    def test_only_so_many_members_are_read(self, tmp_path, pack, most, taken):
        (tmp_path / "a").write_bytes(pack({"a": b"a", "b": b"b", "c": b"c"}))
        found = gathered(tmp_path / "a", limits=Limits(free_bytes_min=0, members_max=most))
        assert len(contents(found)) == taken
        if taken < 3:
            assert "Has more than 2 members" in reasons(found)["a"]
            assert found[-1].status is ReadStatus.PARTIAL

    @pytest.mark.parametrize(("most", "taken"), [(6, 4), (5, 3)])
    def test_archives_of_a_run_share_a_number_of_members(self, tmp_path, most, taken):
        inner = {name: zip_of({f"{name}1": name.encode(), f"{name}2": name.encode() * 2}) for name in "ab"}
        (tmp_path / "a").write_bytes(zip_of(inner))
        found = gathered(tmp_path / "a", limits=Limits(free_bytes_min=0, members_total_max=most))
        assert len(contents(found)) == taken
        assert any("of this run" in reason for reason in reasons(found).values()) is (taken == 3)

    def test_a_zip_of_ten_thousand_and_one_members_is_told_and_the_rest_goes_on(self, tmp_path):
        (tmp_path / "e").mkdir()
        (tmp_path / "e" / "a.zip").write_bytes(zip_of({f"{n}": b"" for n in range(10_001)}, zipfile.ZIP_STORED))
        (tmp_path / "e" / "b").write_bytes(b"b")
        found = gathered(tmp_path / "e")
        assert contents(found) == {"e/b": b"b"}
        assert "Has more than 10,000 members" in reasons(found)["e/a.zip"]

    def test_links_and_devices_in_an_archive_are_told(self, tmp_path):
        (tmp_path / "a").write_bytes(
            tar_of({"l": tar_special("l", tarfile.SYMTYPE, "/etc"), "d": tar_special("d", tarfile.CHRTYPE)})
        )
        assert set(reasons(gathered(tmp_path / "a"))) == {"a!l", "a!d"}

    def test_an_archive_without_files_is_told(self, tmp_path):
        assert reasons([only(tmp_path / "a", zip_of({}))]) == {"a": "an archive without files"}
        assert reasons([only(tmp_path / "b", zip_of({"folder/": b""}))]) == {"b": "an archive without files"}

    def test_a_cut_tar_gives_its_members_the_cut_one_and_words(self, tmp_path):
        data = tar_of({"a": b"whole", "b": b"b" * 2000})
        (tmp_path / "t").write_bytes(data[: 1024 + 512 + 1500])
        found = gathered(tmp_path / "t")
        assert contents(found) == {"t!a": b"whole", "t!b": b"b" * 1500}
        assert [item.partial for item in found if isinstance(item, Item)] == [False, True]
        assert found[-1].status is ReadStatus.PARTIAL
        assert "cut off" in reasons(found)["t"]

    def test_a_wrong_checksum_in_a_zip_is_noted(self, tmp_path):
        item = only(tmp_path / "a", raw_zip([(b"a", 0, 0, 1, 3, -1, b"abc")]))
        assert isinstance(item, Item)
        assert item.partial
        assert "checksum is 352441c2, the archive says 00000001" in item.note

    def test_a_wrong_size_in_a_zip_is_noted(self, tmp_path):
        item = only(tmp_path / "a", raw_zip([(b"a", 0, 0, zlib.crc32(b"abc"), 2, -1, b"abc")]))
        assert isinstance(item, Item)
        assert "says 2 bytes, it held 3" in item.note


class TestBombs:
    SMALL = Limits(free_bytes_min=0, expansion_free_bytes=1 << 20, expansion_ratio_max=100)

    @pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    @pytest.mark.parametrize(("size", "passes"), [(1 << 20, True), ((1 << 20) + 1, False)])
    def test_a_zip_member_beyond_the_ratio_is_refused_and_the_next_read(self, tmp_path, method, size, passes):
        (tmp_path / "a").write_bytes(zip_of({"bomb": bytes(size)} if passes else {"bomb": bytes(size), "b": b"b"}, method))
        found = gathered(tmp_path / "a", limits=self.SMALL)
        assert ("a!bomb" in contents(found)) is passes
        if not passes:
            assert contents(found) == {"a!b": b"b"}
            assert "of which 1 MB are granted" in reasons(found)["a!bomb"]
        assert (tmp_path / "spool" / ".unfinished").exists() is False

    def test_a_zip_member_that_lies_about_its_size_is_stopped(self, tmp_path):
        (tmp_path / "a").write_bytes(raw_zip([(b"bomb", 0, 8, 0, 5, -1, deflated(bytes(3 << 20)))]))
        assert "more than 1 MB" in reasons(gathered(tmp_path / "a", limits=self.SMALL))["a!bomb"]

    def test_members_together_are_bound_by_the_size_of_what_was_handed_over(self, tmp_path):
        (tmp_path / "a").write_bytes(zip_of({name: name.encode() * 600_000 for name in "xyz"}))
        found = gathered(tmp_path / "a", limits=self.SMALL)
        assert list(contents(found)) == ["a!x"]
        assert list(reasons(found)) == ["a!y", "a!z"]

    def test_a_tar_in_a_bomb_is_stopped(self, tmp_path):
        (tmp_path / "a").write_bytes(gzip.compress(tar_of({"ok": b"ok", "bomb": bytes(3 << 20), "later": b"x"})))
        found = gathered(tmp_path / "a", limits=self.SMALL)
        assert contents(found) == {"a!ok": b"ok"}
        assert set(reasons(found)) == {"a", "a!bomb"}

    def test_nested_zips_as_in_42_zip_end(self, tmp_path):
        data = zip_of({"zeros": bytes(1 << 20)})
        for level in range(5):
            data = zip_of({f"{level}": data} | {f"{level}-{n}": zip_of({f"{level}{n}": data}) for n in range(16)})
        (tmp_path / "42.zip").write_bytes(data)
        found = gathered(tmp_path / "42.zip")
        assert contents(found) == {}
        assert any("4 deep" in reason for reason in reasons(found).values())

    def test_a_zip_that_contains_itself_ends(self, tmp_path):
        quine = raw_zip([(b"r.zip", 0, 0, 0, 0, 0, b"")])
        (tmp_path / "a").write_bytes(quine)
        assert len(gathered(tmp_path / "a")) == 1

    def test_an_item_beyond_the_ratio_says_so_when_read(self, tmp_path):
        item = only(tmp_path / "a", gzip.compress(bytes((1 << 20) + 1)), self.SMALL)
        assert isinstance(item, Item)
        assert item.limit_bytes == 1 << 20


def test_a_run_that_was_killed_is_gone_on_with(tmp_path):
    (tmp_path / "a").write_bytes(zip_of({"a": b"a", "b": b"b"}))
    (tmp_path / "spool").mkdir()
    (tmp_path / "spool" / ".unfinished").write_bytes(b"half of")
    run = gather([tmp_path / "a"], spool=tmp_path / "spool", limits=ROOMY)
    next(run)
    del run
    assert contents(gathered(tmp_path / "a")) == {"a!a": b"a", "a!b": b"b"}


def test_a_spool_that_cannot_be_written_stops_the_run(tmp_path):
    (tmp_path / "a").write_bytes(zip_of({"a": b"a"}))
    (tmp_path / "spool").write_bytes(b"in the way")
    with pytest.raises(CaseError, match="cannot be written to"):
        gathered(tmp_path / "a")


MAGICS = [
    b"PK\3\4",
    b"PK\5\6",
    b"\x1f\x8b\x08",
    b"\x28\xb5\x2f\xfd",
    b"\xfd7zXZ\0",
    b"BZh91AY&SY",
    b"\x50\x2a\x4d\x18",
    b"7z\xbc\xaf\x27\x1c",
]


@given(magic=st.sampled_from(MAGICS), data=st.binary(max_size=300))
def test_any_bytes_behind_any_magic_give_one_outcome_or_more(tmp_path_factory, magic, data):
    base = tmp_path_factory.getbasetemp() / "magic"
    base.mkdir(exist_ok=True)
    (base / "f").write_bytes(magic + data)
    found = gathered(base / "f")
    assert found
    contents_or_words(found)


def contents_or_words(found: list[Item | Refusal]) -> None:
    for outcome in found:
        if isinstance(outcome, Item):
            outcome.head()
        else:
            assert outcome.reason


def _samples() -> dict[str, bytes]:
    held = {"a.log": b"a" * 40, "b.gz": gzip.compress(b"b" * 30, mtime=0)}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:xz") as archive:
        archive.addfile(tarfile.TarInfo("empty"))
    return {
        "zip": zip_of(held),
        "zip in zip": zip_of({"i.zip": zip_of(held)}, zipfile.ZIP_STORED),
        "tar.gz": gzip.compress(tar_of(held), mtime=0),
        "tar.xz": buffer.getvalue(),
        "zip.zst": zstandard.compress(zip_of(held)),
        "tar.bz2": COMPRESS["bzip2"](tar_of(held)),
    }


@pytest.mark.parametrize("whole", _samples().values(), ids=list(_samples()))
def test_an_archive_cut_at_any_byte_gives_words(tmp_path, whole):
    for cut in range(1, len(whole)):
        (tmp_path / "f").write_bytes(whole[:cut])
        found = gathered(tmp_path / "f")
        contents_or_words(found)
        # Short cuts are no archive yet; from then on it must be said that something is missing.
        assert cut < 20 or any(isinstance(o, Refusal) or o.partial or o.layers for o in found), cut


@pytest.mark.real
def test_all_reference_evidence_is_taken(real_data, tmp_path):
    found = list(gather([real_data / "network"], spool=tmp_path / "spool"))
    assert [refusal for refusal in found if isinstance(refusal, Refusal)] == []
    assert len(found) >= 55
