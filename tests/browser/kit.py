"""A real browser for pages of ours: Debian's Chromium, headless, driven by playwright.  What it says on its console, asks of
elsewhere or fails to load is a failure; axe-core looks at each page.

    with kit.browser() as b:
        page = b.page(width=1400, height=900, dark=False)

Needs: pip's playwright, chromium, and axe.min.js (THERMOWELL_AXE; `npm pack axe-core`).  What is missing is said, with status 77.
"""
import contextlib
import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tw  # noqa: E402

CHROMIUM = os.environ.get("THERMOWELL_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


class Browser:
    def __init__(self, chromium):
        self.chromium, self.said, self.asked = chromium, [], set()
        self.axe = os.environ.get("THERMOWELL_AXE")

    def page(self, width=1400, height=900, dark=False, base=None):
        """base: what may be asked for; anything else is a failure."""
        context = self.chromium.new_context(viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light",
                                            ignore_https_errors=True, locale="en-GB", timezone_id="UTC")
        page = context.new_page()
        page.set_default_timeout(10000)
        page.on("console", lambda m: self.said.append(f"{m.type}: {m.text} ({page.url.split('#')[-1]}, {m.location.get('url', '')}:{m.location.get('lineNumber', '')})") if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda e: self.said.append(f"exception: {e}"))

        def on_request(r):
            self.asked.add(r.url)
            if base and not r.url.startswith((base, "data:", "blob:")):
                self.said.append("asked for " + r.url)
        page.on("request", on_request)
        return page

    def quiet(self, where, but=()):
        """Nothing was said that ought not to be; `but`: what may be."""
        said, self.said = [x for x in self.said if not any(b in x for b in but)], []
        assert not said, f"{where}: " + "\n".join(said[:10])

    def accessible(self, page, where):
        """axe-core finds nothing (WCAG 2.1 A and AA, best practices)."""
        if not self.axe:
            return
        with open(self.axe, encoding="utf-8") as f:
            page.evaluate(f.read())     # by the debugger: no rule of the page's own has to allow it
        found = page.evaluate("async () => (await axe.run(document, {resultTypes: ['violations']})).violations.map(v => "
                              "v.id + ': ' + v.help + '\\n    ' + v.nodes.slice(0, 4).map(n => n.html.slice(0, 160) + ' ' + (n.any[0] ? n.any[0].message : '')).join('\\n    '))")
        assert not found, f"axe-core on {where}:\n" + "\n".join(found)


@contextlib.contextmanager
def browser():
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        tw.skip("python has no playwright (pip install playwright)")
    if CHROMIUM is None:
        tw.skip("there is no chromium (Debian: chromium)")
    if not os.environ.get("THERMOWELL_AXE"):
        print("axe-core is not there (THERMOWELL_AXE): pages are not looked at by it")
    with sync_playwright() as p:
        chromium = p.chromium.launch(executable_path=CHROMIUM, headless=True, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
        try:
            yield Browser(chromium)
        finally:
            chromium.close()
