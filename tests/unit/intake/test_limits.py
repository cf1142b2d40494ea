import pytest

from tocsin.intake import Limits


@pytest.mark.parametrize(
    ("size", "granted"),
    [
        (0, 100 << 20),
        (1, 100 << 20),
        (104_857, 100 << 20),
        (104_858, 104_858_000),
        (107_374_182, 107_374_182_000),
        (1 << 40, 100 << 30),
    ],
    ids=["nothing", "small", "below the free part", "by ratio", "below the most", "the most"],
)
def test_what_a_file_may_unwrap_to_grows_with_its_size(size, granted):
    assert Limits().unwrapped_bytes(size) == granted
