"""In through the one-time link, with a second factor; out, and in again; with a passkey."""

from playwright.sync_api import Browser, expect

from kit.browser import PASSWORD, Server, person


def test_the_first_administrator_gets_in_and_sets_up_a_second_factor(browser: Browser, server: Server):
    with person(browser, server, "first") as first:
        first.enter(server.invitation)
        expect(first.page).to_have_url(server.url + "/accounts/2fa/")
        first.go("/members/")
        expect(first.page).to_have_url(server.url + "/accounts/2fa/")  # nothing opens before there is one
        first.second_factor()
        first.go("/members/")
        expect(first.page.locator("h1")).to_have_text("Who is in the room")

        first.page.get_by_role("button", name="Leave").click()
        first.page.wait_for_url("**/accounts/login/**")
        first.page.goto(server.url + "/accounts/login/")
        first.page.fill("#id_login", "first@example.org")
        first.page.fill("#id_password", PASSWORD)
        first.page.locator("main form button.primary").first.click()
        expect(first.page).to_have_url(server.url + "/accounts/2fa/authenticate/")


def test_a_passkey_is_a_second_factor_and_a_way_in(browser: Browser, server: Server):
    with person(browser, server, "first") as first:
        devtools = first.context.new_cdp_session(first.page)
        devtools.send("WebAuthn.enable")
        key = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
        devtools.send(
            "WebAuthn.addVirtualAuthenticator",
            {"options": {**key, "isUserVerified": True, "automaticPresenceSimulation": True}},
        )
        first.url = server.url.replace("127.0.0.1", "localhost")  # a passkey is bound to a name, not to an address
        first.enter(server.invitation.replace("127.0.0.1", "localhost"))
        first.go("/accounts/2fa/webauthn/add/")
        first.page.fill("#id_name", "the test's")
        first.page.check("#id_passwordless")
        first.page.click("#mfa_webauthn_add")
        first.page.wait_for_url(lambda url: "/webauthn/add/" not in url)  # the key is kept: only then go elsewhere
        first.go("/members/")
        expect(first.page.locator("h1")).to_have_text("Who is in the room")
        first.page.get_by_role("button", name="Leave").click()
        first.page.wait_for_url("**/accounts/login/**")
        first.page.goto(first.url + "/accounts/login/")
        first.page.click("#passkey_login")
        first.page.wait_for_url(first.url + "/")
