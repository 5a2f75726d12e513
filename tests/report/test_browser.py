"""The page in a browser: on a phone and on a desk, in light and dark, with nothing asked of a network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from conformance.report.page import page as html
from conformance.report.writing import PAGE
from tests.report.chromium import headless_chromium
from tests.report.samples import hostile, read

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
SECTIONS = (
    *("verdict", "compared", "divergences", "reach", "facts", "trust", "timings", "contracts", "versions"),
    *("trust-mutants", "trust-saboteurs", "trust-reach", "trust-proofs", "not-looked-at"),
)
READABLE = 4.5
"""Contrast of text to its ground that WCAG asks for (level AA)."""

UNFOLD = "document.querySelectorAll('details').forEach(each => { each.open = true })"

CONTRASTS = """() => {
  const shade = text => {
    const [r, g, b] = text.match(/[\\d.]+/g).map(Number).map(v => v / 255)
      .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const ground = element => {
    for (; element; element = element.parentElement) {
      const colour = getComputedStyle(element).backgroundColor
      if (colour !== 'rgba(0, 0, 0, 0)') return colour
    }
    return 'rgb(255, 255, 255)'
  }
  const own = element => [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim())
  return [...document.body.querySelectorAll('*')].filter(own).map(element => {
    const [a, b] = [shade(getComputedStyle(element).color), shade(ground(element))].sort((x, y) => y - x)
    return [element.outerHTML.slice(0, 80), (a + 0.05) / (b + 0.05)]
  })
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with headless_chromium() as started:
        yield started


@contextmanager
def opened(
    browser: Browser, path: Path, size: dict[str, int], scheme: Literal["light", "dark"], *, scripts: bool = True
) -> Iterator[Page]:
    """Open a page, and see to it that it asks for nothing but itself and complains of nothing."""
    context = browser.new_context(
        viewport={"width": size["width"], "height": size["height"]}, color_scheme=scheme, java_script_enabled=scripts
    )
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.goto(path.as_uri())
    try:
        yield page
        assert asked == [path.as_uri()]
        assert said == []
    finally:
        context.close()


def _contrast_too_low(page: Page) -> list[tuple[str, float]]:
    found = [(str(text), float(contrast)) for text, contrast in page.evaluate(CONTRASTS)]
    assert len(found) > 200
    return [each for each in found if each[1] < READABLE]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_page_fits_and_can_be_read(
    size: dict[str, int], scheme: Literal["light", "dark"], browser: Browser, green: Path, red: Path
) -> None:
    for folder in (green, red):
        with opened(browser, folder / PAGE, size, scheme) as page:
            for unfolded in (False, True):
                if unfolded:
                    page.evaluate(UNFOLD)
                assert page.evaluate("document.documentElement.scrollWidth") == size["width"]
            assert _contrast_too_low(page) == []
            dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 22, 26)"
            assert dark == (scheme == "dark")


def test_the_verdict_is_the_first_thing_on_a_phone(browser: Browser, green: Path, red: Path) -> None:
    for folder, verdict in ((green, "CONFORMS"), (red, "DOES NOT CONFORM")):
        with opened(browser, folder / PAGE, PHONE, "light", scripts=False) as page:
            assert page.locator("body").inner_text().startswith(f"{verdict}\n")
            box = page.locator("#verdict").bounding_box()
            assert box is not None
            assert box["y"] + box["height"] < PHONE["height"] / 2


def test_every_section_is_there_and_reached_from_the_top(browser: Browser, red: Path) -> None:
    with opened(browser, red / PAGE, PHONE, "light") as page:
        for section in SECTIONS:
            assert page.locator(f"#{section}").count() == 1, section
            assert page.locator(f"#{section}").inner_text().strip()
        for link in page.locator("nav a").all():
            link.click()
            assert page.evaluate("document.querySelector(location.hash).getBoundingClientRect().top") < PHONE["height"]
        assert page.locator("#reach polyline").bounding_box() is not None
        assert page.locator("#reach rect").count() > 10


def test_files_of_a_divergence_open(browser: Browser, red: Path) -> None:
    with opened(browser, red / PAGE, PHONE, "light") as page:
        links = [link.evaluate("link => link.href") for link in page.locator(".files a").all()]
    assert len(links) == 4
    for link in links:
        path = Path(link.removeprefix("file://"))
        assert path.is_relative_to(red)
        assert path.stat().st_size


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_hostile_texts_do_nothing_and_fit(size: dict[str, int], browser: Browser, red: Path, tmp_path: Path) -> None:
    path = tmp_path / PAGE
    path.write_text(html(hostile(read(red))), encoding="utf-8")
    with opened(browser, path, size, "light") as page:
        page.evaluate(UNFOLD)
        assert page.evaluate("document.documentElement.scrollWidth") == size["width"]
        assert page.locator("script, img").count() == 0


def test_what_gets_into_the_page_all_the_same_is_not_carried_out(browser: Browser, red: Path, tmp_path: Path) -> None:
    path, picture = tmp_path / PAGE, tmp_path / "picture.svg"
    picture.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', encoding="utf-8")
    foreign = f'<script>document.title = "taken"</script><img src="{picture.name}"><p style="position: fixed">a</p>'
    text = (red / PAGE).read_text(encoding="utf-8")
    path.write_text(text.replace("</body>", f"{foreign}</body>"), encoding="utf-8")
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(path.as_uri())
    assert page.title() != "taken"
    assert page.locator("img").evaluate("image => image.naturalWidth") == 0
    assert page.locator("body > p").evaluate("each => getComputedStyle(each).position") == "static"
    assert len(said) == 3
    assert all("Content Security Policy" in each for each in said)
    page.close()
