import pytest

from kit.scan_reports import sample
from tocsin.readers.pnpm_lock import name_and_version


def test_versions_5_and_9():
    assert sample("pnpm_lock/version-5.yaml").inventory("name", "version", "scope") == [
        ("parser", "1.0.0", None),
        ("@scope/inner", "2.0.0", "dev"),
    ]
    assert sample("pnpm_lock/version-9.yaml").inventory("name", "version", "ecosystem") == [
        ("@scope/inner", "2.0.0", "npm"),
        ("parser", "1.0.0", "npm"),
        ("forked@https://codeload.example/forked/tar.gz/0123", "4.0.0", None),
    ]


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("/a/1.0.0", ("a", "1.0.0")), ("/@s/a/1.0.0", ("@s/a", "1.0.0")), ("/a/1.0.0_b@2.0.0", ("a", "1.0.0")), ("/a@1.0.0(b@2.0.0)", ("a", "1.0.0")),
        ("/@s/a@1.0.0", ("@s/a", "1.0.0")), ("a@1.0.0-beta.1", ("a", "1.0.0-beta.1")), ("'@s/a@1.0.0'", ("@s/a", "1.0.0")), ("file:../a", None),
        ("a@file:../a", None), ("github.com/o/r/0123", None), ("a", None), ("", None),
    ],
)  # fmt: skip
def test_keys(key, found):
    assert name_and_version(key) == found
