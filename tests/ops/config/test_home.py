"""The room's folder: closed to others; secrets are made once and refused where they are damaged."""

import stat

import pytest

from tocsin.errors import TocsinError
from tocsin.ops.config.home import home, secret


def test_the_folder_is_made_and_closed_to_others(tmp_path, monkeypatch):
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path / "a" / "room"))
    assert home() == tmp_path / "a" / "room"
    assert stat.S_IMODE(home().stat().st_mode) == 0o700


def test_without_a_name_it_lies_where_a_user_keeps_data(tmp_path, monkeypatch):
    monkeypatch.delenv("TOCSIN_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert home() == tmp_path / "tocsin"


def test_a_folder_that_cannot_be_made_says_so(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path / "file" / "room"))
    with pytest.raises(TocsinError, match="cannot be made"):
        home()


def test_a_secret_is_made_once_and_for_its_owner_alone(tmp_path):
    first = secret(tmp_path, "x.key")
    assert secret(tmp_path, "x.key") == first
    assert len(first) > 60
    assert stat.S_IMODE((tmp_path / "x.key").stat().st_mode) == 0o600


def test_a_damaged_secret_is_refused_rather_than_used(tmp_path):
    (tmp_path / "x.key").write_text("short\n")
    with pytest.raises(TocsinError, match="found 5"):
        secret(tmp_path, "x.key")
