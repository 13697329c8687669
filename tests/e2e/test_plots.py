"""Plots as a real Chromium draws them from their tables, without a server."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import ROOT

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]
STATIC = ROOT / "careerai" / "static"
FIRST = datetime(2026, 8, 23, tzinfo=UTC)


def page_with(days: int, folder: Path) -> str:
    """Write a page with a plot of so many days from a Sunday on, all alike, and return its address."""
    rows = ""
    for number in range(days):
        day = FIRST + timedelta(days=number)
        link = f"<a href='?by=x&since={day:%Y-%m-%d}&until={day:%Y-%m-%d}'>5</a>"
        rows += f"<tr><th data-time='{int(day.timestamp())}'>{day:%d}</th><td data-value='5'>{link}</td></tr>"
    head = "".join(
        f"<script src='{(STATIC / name).as_uri()}' defer></script>"
        for name in ("vendor/uplot/uPlot.iife.min.js", "careerai/charts.js")
    )
    styles = "".join(
        f"<link rel='stylesheet' href='{(STATIC / name).as_uri()}'>"
        for name in ("vendor/uplot/uPlot.min.css", "careerai/charts.css")
    )
    table = f"<table><thead><tr><th>Day</th><th>openai</th></tr></thead><tbody>{rows}</tbody></table>"
    plot = f"<figure class='plot' data-plot data-unit='calls' data-names=''><figcaption>Calls</figcaption><div class='plot__canvas' hidden></div><details open><summary>Table</summary>{table}</details></figure>"
    path = folder / "plot.html"
    path.write_text(
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'>{styles}{head}</head><body>{plot}</body></html>"
    )
    return path.as_uri()


def test_many_days_become_weeks_on_a_phone_and_each_leads_to_all_its_days(browser: Browser, tmp_path: Path):
    page = browser.new_page(viewport={"width": 390, "height": 700})
    page.goto(page_with(91, tmp_path))
    plot, bars = page.locator("[data-plot]"), page.locator(".u-over")
    expect(bars).to_be_visible()
    expect(plot).to_have_attribute("data-weekly", "")

    size = bars.bounding_box()
    bars.hover(position={"x": size["width"] * 0.5 + 2, "y": size["height"] - 5})
    expect(page.locator(".u-legend .u-series").last).to_contain_text("35")
    with page.expect_navigation():
        bars.click(position={"x": size["width"] * 0.5 + 2, "y": size["height"] - 5})

    asked = parse_qs(urlsplit(page.url).query)
    since, until = (datetime.fromisoformat(asked[name][0]) for name in ("since", "until"))
    assert (since.weekday(), until - since, asked["by"]) == (0, timedelta(days=6), ["x"])
    page.set_viewport_size({"width": 1280, "height": 700})
    expect(plot).not_to_have_attribute("data-weekly", "")
    page.close()


def test_a_month_stays_in_days_on_a_phone(browser: Browser, tmp_path: Path):
    page = browser.new_page(viewport={"width": 390, "height": 700})
    page.goto(page_with(31, tmp_path))

    expect(page.locator(".u-over")).to_be_visible()
    expect(page.locator("[data-plot]")).not_to_have_attribute("data-weekly", "")
    page.close()
