"""A person at a browser: acts as people do, and looks critically at every page reached."""

from __future__ import annotations

import functools
import gettext
import os
import re
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from django.utils import translation
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Response, expect

ROOT = Path(__file__).resolve().parents[2]
AXE_OPTIONS = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "resultTypes": ["violations"],
}
SCREENS = {
    "desktop": {"viewport": {"width": 1280, "height": 900}},
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "is_mobile": True,
        "has_touch": True,
        "device_scale_factor": 2,
    },
}
expect.set_options(timeout=20_000)
LOCALES = {"en": "en-GB", "es": "es-ES"}
#: Words of the templates; what people and the taxonomy's values wrote is not looked at.
TEXTS = "h1, h2, h3, button, label, legend, dt, th, summary, .badge, nav a, .btn"


@functools.cache
def english_only() -> frozenset[str]:
    """Every text of ours whose Spanish is another one."""
    pairs: dict[str, str] = {}
    for path in ROOT.glob("*/locale/es/LC_MESSAGES/django.mo"):
        with path.open("rb") as file:
            pairs.update(gettext.GNUTranslations(file)._catalog)
    texts = ((text, spanish) for text, spanish in pairs.items() if isinstance(text, str))
    return frozenset(text for text, spanish in texts if spanish != text and len(text) > 3 and "%" not in text)


class Visitor:
    """One browser with its own cookies. `look` is called on every page reached and notes every flaw."""

    def __init__(self, browser: Browser, base: str, *, screen: str, language: str, scripts: bool = True) -> None:
        self.base, self.screen, self.language = base, screen, language
        self.context = browser.new_context(
            base_url=base,
            locale=LOCALES[language],
            java_script_enabled=scripts,
            reduced_motion="reduce",
            **SCREENS[screen],
        )
        self.context.set_default_timeout(30_000)
        self.scripts = scripts
        self.page: Page = self.context.new_page()
        self.faults: list[str] = []
        self.flaws: list[str] = []
        self.seen: list[str] = []
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.faults.append(f"script error: {error}"))
        self.page.on("response", self._on_response)

    def close(self) -> None:
        self.context.close()

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.faults.append(f"console {message.type}: {message.text} ({message.location.get('url', '')})")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400:
            self.faults.append(f"{response.status} {response.request.method} {response.url}")

    def say(self, text: str, **values: object) -> str:
        """A text of ours as this visitor reads it."""
        with translation.override(self.language):
            words = str(translation.gettext(text))
        return words % values if values else words

    # --- acting

    def go(self, path: str, name: str) -> None:
        self.page.goto(path)
        self.look(name)

    def button(self, text: str, **values: object) -> Locator:
        return self.page.get_by_role("button", name=self.say(text, **values), exact=True).and_(
            self.page.locator(":visible")
        )

    def press(self, text: str, name: str, *, confirm: bool = False) -> None:
        """Press a button of ours and look at the page it leads to."""
        with self.page.expect_navigation():
            self.button(text).first.click()
            if confirm and self.scripts:
                self.page.locator("#confirmation button[value=yes]").click()
        self.look(name)

    def click(self, target: Locator, name: str) -> None:
        """Click on something that leads to another page."""
        with self.page.expect_navigation():
            target.click()
        self.look(name)

    def follow(self, text: str, name: str, *, within: str = "body") -> None:
        """Follow a link by its words."""
        words = self.say(text)
        self.click(self.page.locator(within).get_by_role("link", name=re.compile(re.escape(words))).first, name)

    def fill(self, **fields: str) -> None:
        """Fill fields by their names; the visible ones."""
        for name, value in fields.items():
            field = self.page.locator(f"body [name='{name}']:visible").first
            if field.evaluate("node => node.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)

    def log_in(self, email: str, password: str, name: str) -> None:
        self.fill(login=email, password=password)
        self.press("Log in", name)

    # --- looking

    def look(self, name: str) -> None:
        """No violation of WCAG 2.2 AA, no sideways scrolling, no error in the console, the right language."""
        page = self.page
        page.wait_for_load_state("load")
        expect(page.locator(".htmx-request")).to_have_count(0)
        self.seen.append(name)
        self._keep_picture(name)
        self._expect(not self.faults, name, "; ".join(self.faults))
        self.faults.clear()
        self._expect(
            page.locator("html").get_attribute("lang") == self.language, name, "wrong language of the document"
        )
        if page.url.removeprefix(self.base).startswith("/admin/"):
            return  # unfold's own pages: its markup is not ours
        if not self.scripts:
            return  # axe and the measures below are scripts themselves
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        self._expect(wide <= 0, name, f"{wide} px too wide: {self._too_wide() if wide > 0 else ''}")
        found = Axe().run(page, options=AXE_OPTIONS)
        for flaw in _told(found.response["violations"]):
            self._expect(False, name, flaw)
        if self.language == "es":
            texts = {text.strip() for text in page.locator(TEXTS).all_inner_texts()}
            english = sorted((texts & english_only()) - {"English"})  # the switch names each language in itself
            self._expect(not english, name, f"in English: {english}")

    def _expect(self, good: bool, name: str, flaw: str) -> None:
        """Flaws of pages are gathered, so that one run tells all of them; the test fails at its end."""
        if not good:
            self.flaws.append(f"{name} ({self.page.url}): {flaw}")

    def _too_wide(self) -> list[str]:
        return self.page.evaluate(
            "() => [...document.body.querySelectorAll('*')].filter(n => n.getBoundingClientRect().right >"
            " document.documentElement.clientWidth + 1).map(n => n.tagName + '.' + n.className).slice(0, 8)"
        )

    def _keep_picture(self, name: str) -> None:
        folder = os.environ.get("LONJA_SCREENSHOTS")
        if folder:
            target = Path(folder) / f"{name}-{self.screen}-{self.language}.png"
            target.parent.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=target, full_page=True)


def _told(violations: list[dict]) -> list[str]:
    return [
        f"{one['id']}: {node['target']} {node['html'][:160]} – {node['failureSummary'][:300]}"
        for one in violations
        for node in one["nodes"][:3]
    ]
