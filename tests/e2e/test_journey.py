"""The main job as a person does it, from signing up to the downloads, on the whole site in a real Chromium.

`SCREENSHOTS=folder` keeps a picture of each step.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from cv.extraction import extract
from tests.e2e.conftest import ROOT, STAFF_PASSWORD, Site, sign_up

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]
SAMPLE_CV = ROOT / "careerai" / "samples" / "cv.pdf"
SAMPLE_POSTING = ROOT / "careerai" / "samples" / "posting.txt"


class Steps:
    """Takes a picture of each step where asked to, and holds that no page is wider than its window."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.width = page.viewport_size["width"]
        self.folder = os.environ.get("SCREENSHOTS", "")
        self.names: Iterator[int] = iter(range(1, 100))

    def done(self, name: str) -> None:
        # Before that, styles may be on their way.
        self.page.wait_for_load_state()
        if self.folder:
            path = Path(self.folder) / f"{next(self.names):02d}-{name}-{self.width}.png"
            self.page.screenshot(path=path, full_page=True)
        assert self.page.evaluate("document.documentElement.scrollWidth") <= self.width, name


@pytest.fixture
def steps(page: Page) -> Steps:
    return Steps(page)


def upload(page: Page, path: Path) -> None:
    """Choose a file; a page with scripts sends it at once."""
    page.locator("input[type=file]").set_input_files(path)


@pytest.mark.usefixtures("member")
@pytest.mark.parametrize("page", [1280], ids=["desktop"], indirect=True)
def test_a_file_that_was_chosen_before_the_script_came_is_sent(page: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/cv.js", hold)
    with page.expect_request("**/cv.js"):
        page.goto("/cvs/", wait_until="commit")
    page.locator("input[type=file]").set_input_files(SAMPLE_CV)
    assert held
    held[0].continue_()
    expect(page.get_by_role("heading", name="Experience")).to_be_visible()


def text_of_download(page: Page, link: str, folder: Path) -> str:
    with page.expect_download() as waiting:
        page.get_by_role("main").get_by_role("button", name=link, exact=True).click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return re.sub(r"\s+", " ", extract(path.read_bytes(), file_name=path.name).text)


def test_from_a_cv_to_a_letter(page: Page, steps: Steps, tmp_path: Path) -> None:
    sign_up(page)
    steps.done("signed-up")

    upload(page, SAMPLE_CV)
    expect(page.get_by_role("heading", name="Experience")).to_be_visible()
    steps.done("read")
    page.get_by_title("Edit name", exact=True).first.click()
    page.get_by_label("Name", exact=True).fill("Robin Applegate")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_title("Edit name", exact=True).first).to_have_text("Robin Applegate")
    steps.done("corrected")

    page.get_by_text("Match with a job").click()
    page.get_by_label("Job posting").fill(SAMPLE_POSTING.read_text(encoding="utf-8"))
    page.get_by_role("button", name="Read the posting").click()
    expect(page.get_by_role("heading", name="Must have")).to_be_visible()
    steps.done("posting")
    page.get_by_role("button", name="Match").click()
    expect(page.get_by_text("of 100")).to_be_visible()
    steps.done("match")

    page.get_by_role("button", name="Tailor the CV").click()
    changes = page.locator("article.change")
    expect(changes.nth(2)).to_be_visible()
    steps.done("changes")
    for number, decision in enumerate(("Accept", "Accept", "Reject")):
        changes.nth(number).get_by_role("button", name=decision).click()
        expect(changes.nth(number).get_by_role("button", name="Undo")).to_be_visible()
    expect(page.get_by_text(re.compile(r"^2 of \d+ accepted"))).to_be_visible()
    steps.done("decided")
    for kind in ("PDF", "Word"):
        assert "Robin Applegate" in text_of_download(page, kind, tmp_path)

    page.get_by_role("button", name="Write the letter").click()
    # The draft is there while it is written, which may be over before the page is.
    expect(page.get_by_role("heading", name="Download")).to_be_visible()
    steps.done("letter")
    letter = page.locator("#letter-plain").input_value()
    assert letter.rstrip().endswith("Robin Applegate")
    page.locator("a.sentence").nth(1).click()
    expect(page.locator(".proof:visible")).to_have_count(1)
    for kind in ("PDF", "Word", "Text"):
        assert "Robin Applegate" in text_of_download(page, kind, tmp_path)

    page.get_by_role("link", name="Usage", exact=True).click()
    for task in ("CV parsing", "Job analysis", "CV tailoring", "Cover letter"):
        expect(page.get_by_role("main").get_by_text(task).first).to_be_visible()
    steps.done("usage")
    # Until the plots are drawn, and where no script runs, their tables are seen.
    page.route("**/charts*.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page.reload()
    expect(page.get_by_role("main").get_by_role("table").first).to_be_visible()
    steps.done("usage-as-tables")


@pytest.mark.usefixtures("member")
@pytest.mark.parametrize("page", [1280], ids=["desktop"], indirect=True)
def test_corrections_save_themselves_and_are_undone(page: Page) -> None:
    page.goto("/cvs/")
    upload(page, SAMPLE_CV)
    headline = page.locator(".value--headline .value__text")
    expect(headline).to_have_text("Data Analyst, Energy and Operations", timeout=60_000)

    menu = page.get_by_role("link", name="Europass XML")
    page.get_by_text("Download", exact=True).click()
    expect(menu).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()

    # A click on the value shows its place, a click on the place leads to the value.
    headline.click()
    expect(page.locator(".page rect")).not_to_have_count(0)
    page.get_by_label("Headline").fill("Grid Analyst")
    page.get_by_role("heading", name="Person", exact=True).click()
    expect(headline).to_have_text("Grid Analyst")
    page.locator(".page img").first.click(position={"x": 110, "y": 58})
    expect(page.locator(".value--name .value__text").first).to_be_focused()

    # What the server did not take stays in its form, and is sent again.
    page.get_by_title("Edit email", exact=True).click()
    page.get_by_label("Email").fill("ines@example.org")
    page.route("**/value/**", lambda route: route.fulfill(status=422, body="away"))
    page.get_by_role("heading", name="Person", exact=True).click()
    expect(page.get_by_text("Your text stays here")).to_be_visible()
    expect(page.get_by_label("Email")).to_have_value("ines@example.org")
    page.unroute("**/value/**")
    expect(page.locator(".value--email .value__text")).to_have_text("ines@example.org")

    page.locator(".item--employer > .item__values > .item__menu").first.click()
    page.get_by_role("button", name="Move down").click()
    employers = page.locator(".item--employer > .item__values > .value--name .value__text")
    expect(employers.first).to_have_text("Patapsco Freight Cooperative")
    for shown, text in ((employers.first, "Chesapeake Grid Services"), (headline, "Grid Analyst")):
        page.get_by_role("button", name="Undo").click()
        expect(shown).to_have_text(text)
    expect(page.locator(".value--email .value__text")).to_have_text("ines.halvorsen@example.org")
    page.get_by_role("button", name="Undo").click()
    expect(headline).to_have_text("Data Analyst, Energy and Operations")


def test_the_operator_sees_the_calls(page: Page, steps: Steps, site: Site) -> None:
    page.goto("/accounts/sign-in/?next=/admin/")
    page.get_by_label("Username or e-mail address").fill(site.environment["FIRST_USER_EMAIL"])
    page.get_by_label("Password").fill(STAFF_PASSWORD)
    page.get_by_role("button", name="Sign in").click()

    plot = page.locator(".uplot .u-over").last
    expect(plot).to_be_visible()
    steps.done("dashboard")
    # The bar of today, the last one of a month.
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    plot.click(position={"x": box["width"] * 30.5 / 31, "y": box["height"] - 8})
    expect(page.locator("#content").get_by_role("heading", name="Calls behind a figure")).to_be_visible()
    page.locator("#content tbody a").first.click()
    expect(page.get_by_role("heading", name="Why this candidate")).to_be_visible()
    steps.done("decision")


# The narrow window is the harder one for a message.
@pytest.mark.usefixtures("member")
@pytest.mark.parametrize("page", [390], ids=["phone"], indirect=True)
@pytest.mark.parametrize(
    "refused",
    [
        ("empty.pdf", b"", "Check it and upload it again"),
        ("damaged.pdf", b"%PDF-1.7\n1 0 obj\n<<", "damaged"),
        ("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(64), "damaged"),
        ("shopping.txt", b"Milk, eggs and two loaves of bread.\n", "does not look like a CV"),
    ],
    ids=lambda refused: refused[0],
)
def test_a_file_that_cannot_be_read_says_what_to_do(page: Page, steps: Steps, tmp_path: Path, refused) -> None:
    name, data, says = refused
    path = tmp_path / name
    path.write_bytes(data)
    page.goto("/cvs/")

    upload(page, path)

    expect(page.get_by_role("alert")).to_contain_text(says)
    steps.done(f"refused-{path.stem}")
