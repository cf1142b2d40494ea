import pytest

from tocsin.readers._python import _elsewhere, _scope


@pytest.mark.parametrize(
    ("values", "elsewhere"),
    [
        ({"name": "a"}, False),
        ({"source": {"registry": "https://pypi.example"}}, False),
        ({"source": {"type": "legacy", "url": "https://mirror.example"}}, False),
        ({"source": {"type": "git", "url": "u"}}, True),
        ({"source": {"virtual": "."}}, True),
        ({"git": "u"}, True),
        ({"vcs": {"type": "git"}}, True),
        ({"path": "./a"}, True),
    ],
)
def test_what_is_not_from_an_index(values, elsewhere):
    assert _elsewhere(values) is elsewhere


@pytest.mark.parametrize(
    ("values", "scope"),
    [({"optional": True}, "optional"), ({"category": "dev"}, "dev"), ({"groups": ["docs"]}, "docs"), ({"groups": ["main", "docs"]}, None), ({"groups": 1}, None)],
)  # fmt: skip
def test_scopes(values, scope):
    assert _scope(values) == scope
