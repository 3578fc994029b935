"""The pages as Chromium shows them: no error, no overflow, nothing axe objects to."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from batua_dev.browser import (
    DESKTOP,
    NARROW,
    PHONE,
    overflows,
    schemes,
    violations,
    watched_page,
)

pytestmark = pytest.mark.browser

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
GALLERIES = ["/dev/gallery", "/dev/gallery?brand=bank"]
PAGES = ["/", "/send", "/sign-in", "/receipt", "/missing"]


def inspect(page: Page, *sizes: ViewportSize) -> None:
    """Look at the open page in three widths, unless told fewer."""
    for size in sizes or (NARROW, PHONE, DESKTOP):
        page.set_viewport_size(size)
        assert not overflows(page), size
        # All of the page in view: the bar below would hide half of whatever is under it just now.
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": size["width"], "height": height})
        for scheme in schemes(page):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            assert violations(page, AXE) == [], (size, scheme)


@pytest.mark.parametrize("path", GALLERIES)
def test_the_gallery_is_flawless(chromium: Browser, wallet_url: str, path: str) -> None:
    with watched_page(chromium, PHONE) as page:
        page.goto(wallet_url + path)
        inspect(page)


def test_the_second_banks_colours_are_legible(chromium: Browser, wallet_url: str) -> None:
    with watched_page(chromium, PHONE) as page:
        page.goto(f"{wallet_url}/dev/gallery?brand=bank&bank=CCB")
        inspect(page, PHONE)


@pytest.mark.parametrize("path", PAGES)
def test_the_wallets_shells_are_flawless(chromium: Browser, wallet_url: str, path: str) -> None:
    with watched_page(chromium, PHONE) as page:
        page.goto(wallet_url + path)
        inspect(page)


@pytest.mark.parametrize("path", ["/approve", "/approve?ccb", "/send"])
def test_the_banks_shell_is_flawless(chromium: Browser, bank_url: str, path: str) -> None:
    with watched_page(chromium, PHONE) as page:
        page.goto(bank_url + path)
        inspect(page)


def test_a_refused_form_takes_the_focus_to_what_is_wrong(
    chromium: Browser, wallet_url: str
) -> None:
    with watched_page(chromium, PHONE) as page:
        page.goto(f"{wallet_url}/send")
        page.get_by_label("How much?").fill("12,000.555")
        page.get_by_role("button", name="Continue").click()

        alert = page.get_by_role("alert")
        expect(alert).to_contain_text("Check four fields")
        expect(alert).to_be_focused()
        expect(page.get_by_label("How much?")).to_have_value("12,000.555")
        inspect(page)

        alert.get_by_role("link", name="Type a mobile number").click()
        expect(page.get_by_label("To which mobile number?")).to_be_focused()


def test_a_second_click_sends_nothing_and_back_sets_the_form_free(
    chromium: Browser, wallet_url: str
) -> None:
    with watched_page(chromium, PHONE) as page:
        posts: list[str] = []
        page.on("request", lambda sent: posts.append(sent.url) if sent.method == "POST" else None)
        page.goto(f"{wallet_url}/send")
        # Held in the page, as on a slow line, so that the second click finds the first on its way.
        page.evaluate(
            """() => {
                const form = document.querySelector('main form');
                let seen = 0;
                addEventListener('submit', (event) => {
                    if (!event.defaultPrevented) seen += 1;
                    document.title = `sent ${seen}`;
                    event.preventDefault();
                });
                const button = form.querySelector('.btn.main');
                button.click();
                button.click();
            }"""
        )
        button = page.get_by_role("button", name="Continue")

        assert page.title() == "sent 1"
        expect(button).to_have_attribute("aria-busy", "true")

        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")

        expect(button).not_to_have_attribute("aria-busy", "true")
        page.evaluate("document.querySelector('main .btn.main').click()")
        assert page.title() == "sent 2"


def test_the_countdown_counts(chromium: Browser, bank_url: str) -> None:
    with watched_page(chromium, PHONE) as page:
        page.clock.install()
        page.goto(f"{bank_url}/approve")
        due = page.locator("[data-expires-at]")

        expect(due).to_contain_text("Open for 0:48")
        page.clock.run_for(3_000)
        expect(due).to_contain_text("Open for 0:45")
        page.clock.run_for(60_000)
        expect(due).to_have_text("The time is up")


def test_a_chip_fills_the_field_and_keeps_the_rest(chromium: Browser, wallet_url: str) -> None:
    with watched_page(chromium, PHONE) as page:
        page.goto(f"{wallet_url}/send")
        page.get_by_label("Coastal").check()
        page.get_by_role("link", name="₹1,000").click()

        expect(page.get_by_label("How much?")).to_have_value("1,000")
        expect(page.get_by_label("Coastal")).to_be_checked()
        assert page.url == f"{wallet_url}/send"


def test_htmx_runs_under_the_policy(chromium: Browser, wallet_url: str) -> None:
    with watched_page(chromium, PHONE) as page:
        page.goto(wallet_url)

        assert page.evaluate("htmx.version").startswith("4.")
        assert page.evaluate("htmx.config.includeIndicatorCSS") is False
        assert page.evaluate("htmx.config.noSwap") == [204, 304, "5xx"]
        page.evaluate("htmx.ajax('GET', '/receipt', {target: '#main', select: '.receipt'})")
        expect(page.locator("#main .receipt")).to_be_visible()


def test_pages_work_without_scripts(chromium: Browser, wallet_url: str) -> None:
    context = chromium.new_context(java_script_enabled=False, viewport=PHONE)
    page = context.new_page()
    page.goto(f"{wallet_url}/send")
    page.get_by_role("button", name="Continue").click()

    expect(page.get_by_role("alert")).to_contain_text("Check")
    context.close()
