import pytest
from hypothesis import given
from hypothesis import strategies as st

from cv.parsing.dates import find_period, find_periods, parse_date
from cv.resume import PartialDate

MONTHS_EN = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@pytest.mark.parametrize(
    ("text", "start", "end", "current"),
    [
        ("Dec 2013 – Dec 2014", "2013-12", "2014-12", False),
        ("juil. 2022 – aujourd’hui", "2022-07", "", True),
        ("2022年9月 – 至今", "2022-09", "", True),
        ("令和5年4月〜現在", "2023-04", "", True),
        ("平成元年〜現在", "1989", "", True),
        ("2021년 3월 - 현재", "2021-03", "", True),
        ("Sept. '19 - present", "2019-09", "", True),
        ("03/2019 to 11/2020", "2019-03", "2020-11", False),
        ("11.2010 - 03.2012", "2010-11", "2012-03", False),
        ("2019-03 - 2020-04", "2019-03", "2020-04", False),
        ("01/2024-12/2025", "2024-01", "2025-12", False),
        ("2013-14", "2013", "2014", False),
        ("2012–2013", "2012", "2013", False),
        ("Mar – Jun 2019", "2019-03", "2019-06", False),
        ("Nov – Feb 2020", "2019-11", "2020-02", False),
        ("يونيو 2021 – حتى الآن", "2021-06", "", True),
        ("٢٠١٩ – ٢٠٢١", "2019", "2021", False),
        ("seit März 2019", "2019-03", "", True),
        ("since 2020", "2020", "", True),
        ("Nov 2020 bis heute", "2020-11", "", True),
        ("maja 2019 – obecnie", "2019-05", "", True),
        ("Kasım 2019 – halen", "2019-11", "", True),
        ("Fall 2013 – Spring 2014", "2013", "2014", False),
        ("01/01/2012 - 31/12/2013", "2012-01-01", "2013-12-31", False),
        ("12/31/2012 - 01/31/2013", "2012-12-31", "2013-01-31", False),
        ("From 2015 to 2017", "2015", "2017", False),
        ("2019 – ", "2019", "", True),
        ("июнь 2015 — настоящее время", "2015-06", "", True),
    ],
)
def test_ranges_are_read_in_many_forms(text, start, end, current):
    period = find_period(text)

    assert period is not None
    assert period.is_range
    assert (period.start.iso() if period.start else "") == start
    assert (period.end.iso() if period.end else "") == end
    assert period.current is current


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("Expected graduation: June 2016", "2016-06"),
        ("15 de marzo de 2019", "2019-03-15"),
        ("March 5, 2018", "2018-03-05"),
        ("5. März 2018", "2018-03-05"),
        ("2016 / 09", "2016-09"),
        ("Summer 2022", "2022"),
        ("WS 2010/11", "2010"),
        ("2019年3月15日", "2019-03-15"),
    ],
)
def test_lone_dates_keep_their_precision(text, iso):
    date = parse_date(text)

    assert date is not None
    assert date.iso() == iso
    assert date.raw in text


@pytest.mark.parametrize(
    "text", ["$2000 and 2000+ users", "1,999 items", "2000%", "user2019@example.org", "", "may be present"]
)
def test_numbers_that_are_no_years_are_left_alone(text):
    assert find_periods(text) == []


def test_the_place_of_a_period_is_told():
    text = "Engineer, Dec 2013 – Dec 2014, Palo Alto"

    period = find_period(text)

    assert period is not None
    assert text[period.begin : period.stop] == period.raw == "Dec 2013 – Dec 2014"


@given(st.text())
def test_no_text_breaks_the_reader(text):
    for period in find_periods(text):
        assert 0 <= period.begin < period.stop <= len(text)
        assert text[period.begin : period.stop] == period.raw


@given(st.text(alphabet="0123456789 -–/.年月日JanuaryMärzpresent'’bis", max_size=40))
def test_no_text_made_of_dates_breaks_the_reader(text):
    for period in find_periods(text):
        assert period.start is not None or period.end is not None


@given(
    st.integers(1950, 2049),
    st.integers(1, 12),
    st.sampled_from(["{y}-{m:02d}", "{m:02d}/{y}", "{m}.{y}", "{w} {y}", "{w}. {y}", "{y}年{m}月"]),
)
def test_a_month_survives_any_form(year, month, form):
    text = form.format(y=year, m=month, w=MONTHS_EN[month - 1])

    date = parse_date(text)

    assert date is not None
    assert (date.year, date.month) == (year, month)


@given(st.integers(1950, 2049), st.integers(1, 12), st.integers(1, 28))
def test_iso_dates_survive_a_round_trip(year, month, day):
    written = PartialDate(year=year, month=month, day=day).iso()

    read = parse_date(written)

    assert read is not None
    assert read.iso() == written
