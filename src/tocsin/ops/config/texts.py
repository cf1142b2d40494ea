"""Translations: texts in ``ops/locale/<language>.po``, compiled into the room's folder at start."""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from tocsin.ops.config.home import home

SOURCE = Path(__file__).parents[1] / "locale"


def compile_texts() -> None:
    """Compile every catalogue that changed since the last start."""
    for source in sorted(SOURCE.glob("*.po")):
        target = home() / "locale" / source.stem / "LC_MESSAGES" / "django.mo"
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        with source.open("rb") as read, target.with_suffix(".new").open("wb") as out:
            write_mo(out, read_po(read, locale=source.stem))
        target.with_suffix(".new").replace(target)
