"""Ukrainian: every text a partner sees has its translation, and pages speak it."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from django.test import Client
from django.urls import reverse
from django.utils import translation

import tocsin.ops
from kit.requests import draft
from kit.room import Room
from kit.texts import Text, texts_of
from tocsin.ops.config.home import home
from tocsin.ops.config.texts import SOURCE, compile_texts
from tocsin.packs.rsit import incident_types

OPS = Path(tocsin.ops.__file__).parent
# What a partner may come across, from the invitation to the team that comes.
PARTNER = [
    "common/templates/[!5]*.html",
    "common/templatetags/room.py",
    "common/views.py",
    "alliance/templates/account/*.html",
    "alliance/templates/mfa/*.html",
    "alliance/templates/socialaccount/*.html",
    "alliance/templates/alliance/account.html",
    "alliance/templates/alliance/invitation.html",
    "alliance/templates/alliance/tokens.html",
    "alliance/access.py",
    "alliance/forms.py",
    "alliance/invitations.py",
    "alliance/models.py",
    "alliance/views.py",
    "activation/templates/activation/requests/*.html",
    "activation/templates/activation/board/*.html",
    "activation/templates/activation/council/consent.html",
    "activation/templates/activation/council/list.html",
    "activation/templates/activation/council/outline.html",
    "activation/templates/activation/missions/*.html",
    "activation/content.py",
    "activation/context.py",
    "activation/models.py",
    "activation/forms/council.py",
    "activation/forms/requests.py",
    "activation/queries/board.py",
    "activation/queries/council.py",
    "activation/queries/missions.py",
    "activation/queries/requests.py",
    "activation/services/requests.py",
    "activation/views/requests.py",
    "config/settings.py",
]
FILES = sorted(path for pattern in PARTNER for path in OPS.glob(pattern))
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|<[^>]+>")


@pytest.fixture(scope="module")
def catalogue() -> dict[str, tuple[str, ...]]:
    with (SOURCE / "uk.po").open("rb") as file:
        read = read_po(file, locale="uk")
    found = {}
    for message in read:
        one, many = message.id, message.string
        found[one[0] if isinstance(one, tuple) else one] = many if isinstance(many, tuple) else (many,)
    return found


@pytest.fixture
def ukrainian(settings: Any) -> Iterator[None]:
    """The catalogue as the room compiles it at its start."""
    compile_texts()
    # Settings may have been read with another folder: a process of xdist inherits its parent's.
    settings.LOCALE_PATHS = [home() / "locale"]
    translation.trans_real._translations.clear()
    yield
    translation.trans_real._translations.clear()
    translation.activate("en")


@pytest.mark.parametrize("pattern", PARTNER)
def test_every_pattern_names_files(pattern):
    assert list(OPS.glob(pattern))


@pytest.mark.parametrize("path", FILES, ids=[path.relative_to(OPS).as_posix() for path in FILES])
def test_each_text_of_the_partners_pages_is_translated(path: Path, catalogue):
    assert wrong_in(texts_of(path), catalogue) == []


def test_incident_types_are_translated(catalogue):
    kinds = [item for item in incident_types().values() if item.group != "Test"]
    assert wrong_in({(word, "") for item in kinds for word in (item.group, item.name)}, catalogue) == []


def wrong_in(texts: set[Text], catalogue: dict[str, tuple[str, ...]]) -> list[str]:
    """Texts without a translation, or with one that has other placeholders."""
    found = []
    for one, _many in sorted(texts):
        said = catalogue.get(one, ())
        if not said or not all(said):
            found.append(f"not translated: {one!r}")
        elif any(sorted(PLACEHOLDER.findall(one)) != sorted(PLACEHOLDER.findall(form)) for form in said):
            found.append(f"other placeholders: {one!r} {said}")
    return found


@pytest.mark.parametrize(
    ("held", "wrong"),
    [
        ({"a %(n)s": ("б %(n)s",)}, False),
        ({"a %(n)s": ("б",)}, True),
        ({"a %(n)s": ("б %(m)s",)}, True),
        ({"a %(n)s": ("",)}, True),
        ({}, True),
    ],
)
def test_what_is_missing_is_found(held, wrong):
    assert bool(wrong_in({("a %(n)s", "")}, held)) is wrong


def test_texts_are_found_in_templates_and_modules(tmp_path: Path):
    page, module = tmp_path / "a.html", tmp_path / "a.py"
    page.write_text(
        '{% load i18n %}{% block x %}{% if a %}{% translate "One" %}{% endif %}{% endblock %}'
        "{% blocktranslate with n=1 %}Two {{ n }}{% endblocktranslate %}"
    )
    module.write_text('x = later("Three")\ny = ngettext("%(n)d day", "%(n)d days", 1)\nz = print("no")')
    assert texts_of(page) == {("One", ""), ("Two %(n)s", "")}
    assert texts_of(module) == {("Three", ""), ("%(n)d day", "%(n)d days")}


def page(browser: Client, url: str, status: int = 200) -> str:
    response = browser.get(url, headers={"accept-language": "uk"})
    assert response.status_code == status
    return unescape(response.content.decode())


def test_the_form_speaks_ukrainian(room: Room, ukrainian):
    said = page(room.client("staff"), reverse("request-edit", args=[draft(room).pk]))
    assert '<html lang="uk">' in said
    for words in (
        "Що сталося і якої допомоги Ви потребуєте?",
        "Подати",
        "Розподілена відмова в обслуговуванні (DDoS)",
        "польська",
    ):
        assert words in said


def test_entrance_and_refusals_speak_ukrainian(room: Room, ukrainian):
    assert "Облікові записи надаються за запрошенням." in page(Client(), reverse("account_login"))
    assert "Тут нічого немає" in page(room.client("staff"), "/requests/01a210e8-7b64-7791-8d70-649dc3c7b86f/", 404)


@pytest.mark.parametrize(
    ("number", "said"), [(1, "1 день"), (2, "2 дні"), (5, "5 днів"), (11, "11 днів"), (21, "21 день"), (22, "22 дні")]
)
def test_days_are_counted_as_in_ukrainian(ukrainian, number, said):
    with translation.override("uk"):
        assert translation.ngettext("%(n)d day", "%(n)d days", number) % {"n": number} == said


# The language somebody chose


def test_a_choice_of_language_is_kept_with_the_account(room: Room, ukrainian, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, *({OWN_LANGUAGE} - set(settings.MIDDLEWARE))]
    browser = room.client("staff")
    assert '<html lang="en">' in browser.get("/requests/").content.decode()
    browser.post(reverse("set_language"), {"language": "uk", "next": "/requests/"})
    room.users["staff"].refresh_from_db()
    assert room.users["staff"].language == "uk"
    elsewhere = room.client("staff")  # another device: no cookie there
    assert '<html lang="uk">' in elsewhere.get("/requests/").content.decode()
    elsewhere.post(reverse("set_language"), {"language": "en", "next": "/requests/"})
    assert '<html lang="en">' in elsewhere.get("/requests/").content.decode()


OWN_LANGUAGE = "tocsin.ops.alliance.language.own_language"


@pytest.mark.parametrize("language", ["xx", "", "uk\0"])
def test_only_languages_of_the_room_can_be_chosen(room: Room, language):
    room.client("staff").post(reverse("set_language"), {"language": language, "next": "/"})
    room.users["staff"].refresh_from_db()
    assert room.users["staff"].language == "en"


def test_a_strangers_choice_touches_no_account(room: Room):
    Client().post(reverse("set_language"), {"language": "uk", "next": "/"})
    assert {user.language for user in type(room.users["staff"]).objects.all()} == {"en"}


# The entrance


def test_the_entrance_offers_password_and_passkey_and_no_sign_up(room: Room):
    said = Client().get(reverse("account_login")).content.decode()
    assert "Accounts come by invitation." in said and "/accounts/signup" not in said
    assert 'form="mfa_login" id="passkey_login"' in said and 'id="mfa_login"' in said and "webauthn.js" in said


def test_the_entrance_offers_single_sign_on_where_there_is_some(room: Room, settings):
    app = {
        "provider_id": "ministry",
        "name": "Ministry's sign-on",
        "client_id": "x",
        "settings": {"server_url": "https://id.example"},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
    said = unescape(Client().get(reverse("account_login")).content.decode())
    assert 'href="/accounts/oidc/ministry/login/' in said and "Sign in with Ministry's sign-on" in said
    assert "You go on to Ministry's sign-on" in unescape(Client().get("/accounts/oidc/ministry/login/").content.decode())


@pytest.mark.parametrize("name", ["account_login", "account_reset_password"])
def test_pages_of_the_entrance_hold_no_inline_script_or_style(db, name):
    said = Client().get(reverse(name)).content.decode()
    assert not re.search(r"\son\w+=|\sstyle=|<style|<script(?![^>]*(src=|type=\"application/json\"))", said)
