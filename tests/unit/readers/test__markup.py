from xml.etree import ElementTree

import pytest

from tocsin.readers._markup import flat, paragraphs, plain


@pytest.mark.parametrize(
    ("marked", "text"),
    [
        ("<p>One &amp; two.</p><p>Three</p>", "One & two.\nThree"),
        ("<ul>\n<li>a</li><li>b</li></ul>", "a\nb"),
        ("It is <b>bold</b>, <a href='x'>linked</a>.", "It is bold, linked."),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("&lt;script&gt;", "<script>"),
        ("<p> </p>", None),
        ("", None),
        (None, None),
    ],
)
def test_html_becomes_text(marked, text):
    assert plain(marked) == text


def test_markup_without_end_is_cut():
    assert len(plain("<p>" + "a" * 100_000) or "") <= 20_000
    assert plain("<" * 100_000) is not None


def test_elements_become_one_line():
    element = ElementTree.fromstring("<d><P>Too\n  old.</P><P>Update.</P></d>")  # noqa: S314 - our own text
    assert flat(element) == "Too old.Update."
    assert flat(element, "P") == "Too old."
    assert flat(element, "none") is None
    assert flat(None) is None


def test_paragraphs_say_nothing_twice():
    assert paragraphs("a", None, "b", "a", "") == "a\nb"
    assert paragraphs(None) is None
