"""Europe as a grid of squares, one a country: a map that needs no map data, and on which a small state is as large as any.

The arrangement is ours: every country keeps as many of its neighbours, and as much of its place between them, as squares allow.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from babel import Locale
from django.utils.translation import get_language

TILE = 24  # units of the drawing; 1 more between two

# Row by row from the north, columns from the west: ISO 3166-1 alpha-2 (XK: the code in use for Kosovo).
_ROWS = (
    "IS .. .. .. .. NO SE FI .. .. .. ..",
    ".. .. .. .. .. .. .. EE .. RU .. ..",
    "IE GB .. .. .. DK .. LV .. .. .. ..",
    ".. .. .. .. NL DE PL LT BY .. .. ..",
    ".. .. .. BE LU CZ SK UA .. .. .. ..",
    ".. .. FR CH LI AT HU RO MD .. .. ..",
    ".. AD MC .. IT SI HR RS BG .. GE ..",
    "PT ES .. SM .. .. BA XK MK TR AM AZ",
    ".. .. .. VA .. .. ME AL GR .. .. ..",
    ".. .. .. MT .. .. .. .. .. CY .. ..",
)
PLACES: Mapping[str, tuple[int, int]] = {
    code: (column, row) for row, line in enumerate(_ROWS) for column, code in enumerate(line.split()) if code != ".."
}
WIDTH, HEIGHT = (max(place[axis] for place in PLACES.values()) * (TILE + 1) + TILE for axis in (0, 1))


@dataclass(frozen=True)
class Tile:
    """A country: where its square is, how it is marked, and the sentence that says so."""

    code: str
    x: int
    y: int
    mark: str
    said: str

    @property
    def text_x(self) -> int:
        """Middle of the square."""
        return self.x + TILE // 2

    @property
    def text_y(self) -> int:
        """Base line of the code."""
        return self.y + 16


def tiles(marks: Mapping[str, tuple[str, str]]) -> tuple[Tile, ...]:
    """The whole map.

    Args:
        marks: Country to its mark (a class of the style sheet) and what the mark means, in words.
    """
    names = territories()
    return tuple(
        Tile(code, column * (TILE + 1), row * (TILE + 1), mark, f"{names[code]}: {said}" if said else names[code])
        for code, (column, row) in PLACES.items()
        for mark, said in [marks.get(code, ("", ""))]
    )


def territories() -> Mapping[str, str]:
    """Names of countries in the reader's language. Source: CLDR, by way of Babel."""
    names: Mapping[str, str] = Locale.parse(get_language() or "en", sep="-").territories
    return names
