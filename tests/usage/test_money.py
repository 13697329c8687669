"""Money as people and programs read it."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage.money import format_usd, usd_number


@pytest.mark.parametrize(
    ("nanousd", "text"),
    [
        (None, "unknown"),
        (0, "$0.00"),
        (1, "$0.000000001"),
        (4_000, "$0.000004"),
        (12_345_678, "$0.0123"),
        (999_960_000, "$1.0000"),
        (1_000_000_000, "$1.00"),
        (12_345_000_000, "$12.35"),
        (1_234_567_890_000_000, "$1,234,567.89"),
        (-12_345_678, "-$0.0123"),
    ],
)
def test_amounts_read_as_people_expect(nanousd, text):
    assert format_usd(nanousd) == text


@given(st.integers(1, 10**17))
def test_an_amount_that_is_not_zero_never_reads_as_zero_and_is_at_most_half_a_step_off(nanousd):
    text = format_usd(nanousd).removeprefix("$").replace(",", "")
    shown = Decimal(text) * 10**9

    step = Decimal(10) ** (9 - len(text.partition(".")[2]))
    assert shown > 0
    assert abs(shown - nanousd) <= step / 2


@given(st.integers(1, 10**16), st.integers(1, 10**16))
def test_a_larger_amount_never_reads_smaller(one, other):
    small, large = sorted((one, other))

    figures = [Decimal(format_usd(amount).removeprefix("$").replace(",", "")) for amount in (small, large)]
    assert figures[0] <= figures[1]


@given(st.integers(0, 10**15 - 1))
def test_numbers_for_programs_are_exact_below_a_million_dollars(nanousd):
    written = json.dumps(usd_number(nanousd))

    assert Decimal(written) * 10**9 == nanousd
