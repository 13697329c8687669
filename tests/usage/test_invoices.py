"""What providers bill beside the ledger: each form, each mistake, each midnight."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from tests.usage.conftest import move_line
from usage.errors import InvoiceFormError
from usage.invoices.comparing import compare, compared_providers, model_key
from usage.invoices.google import model_of
from usage.invoices.importing import import_invoice, provider_named
from usage.invoices.reading import FORMS, read_statement
from usage.models import AuditEntry, BilledAmount, ProviderInvoice
from usage.types import InvoiceKind

SAMPLES = Path(__file__).parents[1] / "data" / "invoices"
DAY, NEXT = date(2025, 11, 19), date(2025, 11, 20)
USD = 1_000_000_000
MINI = "gpt-5.4-mini-2026-03-17"
MINI_COSTS = [(DAY, "gpt-5.4-mini-2026-03-17", 2_000_000), (DAY, "web search tool calls", USD // 4), (NEXT, "", 0)]
HAIKU = "claude-haiku-5-5-20260901"
FLASH = "gemini-3.8-flash"

# File, provider, form, what is billed by day and model, requests, tokens in and out, lines about something else.
EACH_FORM = [
    ("openai_costs.json", "openai", "OpenAI costs, JSON", MINI_COSTS, 0, (0, 0), 0),
    ("openai_costs.csv", "openai", "OpenAI costs, CSV", MINI_COSTS, 0, (0, 0), 0),
    ("openai_usage.json", "openai", "OpenAI usage, JSON", [(DAY, MINI, 0)], 6, (1020, 103), 0),
    ("openai_usage.csv", "openai", "OpenAI usage, CSV", [(DAY, MINI, 0)], 6, (1020, 103), 0),
    (
        "anthropic_costs.json",
        "anthropic",
        "Anthropic cost report, JSON",
        [(DAY, "Web Search Usage", USD // 10), (DAY, HAIKU, 1_237_891_200)],
        0,
        (0, 0),
        0,
    ),
    ("anthropic_usage.json", "anthropic", "Anthropic usage report, JSON", [(DAY, HAIKU, 0)], 0, (3200, 500), 0),
    (
        "anthropic_costs.csv",
        "anthropic",
        "Anthropic costs, CSV",
        [(DAY, "", USD // 10), (DAY, "Claude Haiku 5.5", 1_237_891_200)],
        0,
        (0, 0),
        0,
    ),
    ("anthropic_usage.csv", "anthropic", "Anthropic usage, CSV", [(DAY, HAIKU, 0)], 0, (3200, 500), 0),
    (
        "google_report.csv",
        "gemini",
        "Google billing, CSV",
        [(DAY, FLASH, 1_555_990_000), (DAY, f"{FLASH}-lite", 100_000)],
        0,
        (0, 0),
        1,
    ),
    ("google_table.csv", "gemini", "Google billing, CSV", [(DAY, FLASH, USD)], 0, (0, 0), 0),
    # Seven in the morning in UTC is still the day before in Los Angeles.
    ("google_export.json", "gemini", "Google billing export, JSON", [(DAY, FLASH, USD)], 0, (0, 0), 1),
    (
        "xai_usage.json",
        "grok",
        "xAI usage, JSON",
        [(DAY, "Grok 4.3", USD // 2), (NEXT, "Grok 4.3", USD // 8)],
        0,
        (0, 0),
        0,
    ),
    ("plain.csv", "groq", "Table of days", [(DAY, "openai/gpt-oss-120b", USD // 2)], 5, (1000, 100), 1),
]


@pytest.mark.parametrize(
    ("file", "provider", "form", "billed", "requests", "tokens", "passed_over"),
    EACH_FORM,
    ids=[row[0] for row in EACH_FORM],
)
def test_each_form_is_known_and_read_to_the_nano_dollar(file, provider, form, billed, requests, tokens, passed_over):  # noqa: PLR0917
    found = read_statement((SAMPLES / file).read_bytes(), provider=provider)

    assert (found.form, found.passed_over) == (form, passed_over)
    assert [(one.day, one.model, one.nanousd) for one in found.billed] == billed
    assert sum(one.requests for one in found.billed) == requests
    assert (sum(one.input_tokens for one in found.billed), sum(one.output_tokens for one in found.billed)) == tokens


def test_every_form_has_a_sample():
    tried = {form for _, _, form, *_ in EACH_FORM}

    assert {form.name for forms in FORMS.values() for form in forms} < tried


HEAD = "date,model,cost\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty"),
        (b"\xff\x00\x81", "is no text"),
        (b"{broken", "Line 1: this is not JSON"),
        (b'{"day": 1}\n{broken\n', "Line 2: this is not JSON"),
        (b'{"hello": 1}', "none of the forms that are known for openai: OpenAI costs, JSON"),
        (b"a,b\n1,2\n", "none of the forms"),
        (b"[" * 100_000, "nested more deeply"),
        (b"[" + b"1" * 5_000 + b"]", "thousands of digits"),
        (b'{"results": 1}\n' + b"[" * 100_000, "Line 2: this is not JSON"),
        (HEAD.encode(), "No line of the file"),
        (f"{HEAD}2025-11-19,m,1\n2025-11-20,m,one\n".encode(), "Line 3: 'one' is no amount of money."),
        (f"{HEAD}2025-11-19,m,NaN\n".encode(), "Line 2: 'NaN' is no amount"),
        (f"{HEAD}2025-11-19,m,1e400\n".encode(), "Line 2: '1e400' is no amount"),
        (f"{HEAD}2025-11-19,m,1e9999999\n".encode(), "Line 2: '1e9999999' is no amount"),
        (b"date,cost,requests\n2025-11-19,1,1e9999999\n", "Line 2: '1e9999999' is no whole number"),
        (f"{HEAD}0001-01-01T00:00+14:00,m,1\n".encode(), "is no date such as"),
        (f"{HEAD}19.11.2025,m,1\n".encode(), "Line 2: '19.11.2025' is no date such as 2026-11-20."),
        (b"date,cost,currency\n2025-11-19,1,EUR\n", "Line 2: the amount is in EUR; only US dollars"),
        (b"date,cost,input_tokens\n2025-11-19,1,-3\n", "Line 2: '-3' is no whole number"),
        ((HEAD + "x,m,1\n" * 8).encode(), "Line 6: 'x' is no date such as 2026-11-20. And 3 more."),
        (
            b'{"data": [{"start_time": 1763510400, "results": [{"amount": 5}]}]}',
            "Entry 1: it is not as this form has it.",
        ),
        (
            b'{"data": [{"start_time": 1763510400, "results": [{"amount": {"value": 1, "currency": "eur"}}]}]}',
            "Entry 1: the amount is in EUR",
        ),
    ],
)
def test_what_cannot_be_read_is_named_by_its_line(content, said):
    with pytest.raises(InvoiceFormError) as caught:
        read_statement(content, provider="openai")

    assert said in caught.value.user_message


def test_a_month_in_one_line_cannot_be_compared_by_day():
    table = (SAMPLES / "google_table.csv").read_text().replace("2025-11-19,2025-11-19", "2025-11-01,2025-11-30")

    with pytest.raises(InvoiceFormError, match="export the report by day"):
        read_statement(table.encode(), provider="gemini")


def test_a_table_in_another_currency_is_refused():
    table = (SAMPLES / "google_table.csv").read_text().replace("Currency,USD", "Currency,AUD")

    with pytest.raises(InvoiceFormError, match="in AUD"):
        read_statement(table.encode(), provider="gemini")


@given(st.lists(st.decimals(min_value=-1000, max_value=1000, places=30), min_size=1, max_size=30))
def test_amounts_are_added_exactly_and_rounded_once(amounts):
    rows = "".join(f"2025-11-19,m,{amount:f}\n" for amount in amounts)

    found = read_statement((HEAD + rows).encode(), provider="groq")

    assert abs(found.billed[0].nanousd - sum(map(Decimal, amounts)) * USD) <= Decimal("0.5")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("gpt-5.4-mini", "gpt-5.4-mini-2026-03-17"),
        ("Claude Haiku 5.5", "claude-haiku-5-5-20260901"),
        ("Grok 4.3", "grok-4.3"),
        ("models/gemini-3.8-flash", "Gemini 3.8 Flash"),
        ("openai/gpt-oss-120b", "gpt-oss-120b"),
    ],
)
def test_names_of_the_same_model_meet(one, other):
    assert model_key(one) == model_key(other)


def test_different_models_do_not_meet():
    names = ["gpt-5.4", "gpt-5.4-mini", "gpt-5.5", "gemini-3.8-flash", "gemini-3.8-flash-lite", "claude-haiku-5-5", ""]

    assert len({model_key(name) for name in names}) == len(names)
    assert model_of("Generate_content image output token count for Gemini 2.5 Flash Native Image Generation") == (
        "gemini-2.5-flash-native-image"
    )


def at(hour: float) -> datetime:
    return datetime(2025, 11, 19, tzinfo=UTC) + timedelta(hours=hour)


@pytest.fixture
def call_at(settled_line):
    def make(hour: float, cost: int | None, provider: str = "openai", model: str = "gpt-5.4-mini") -> None:
        call = settled_line(provider=provider, cost=cost, model=model)
        move_line(call.pk, at(hour))

    return make


def bring(file: str, provider: str, **more: str):
    return import_invoice((SAMPLES / file).read_bytes(), provider=provider, file_name=file, **more)


@pytest.mark.django_db
def test_each_day_and_model_stands_beside_the_ledger(call_at):
    call_at(-0.01, 999)
    call_at(0, 1_500_000)
    call_at(23.9, 400_000)
    call_at(12, None)
    call_at(30, 7_000)
    call_at(1, 5_000, "groq")
    bring("openai_costs.json", "openai")

    found = compare("openai")

    first, second = found.days
    assert (first.cost.billed, first.cost.ledger, first.cost.difference) == (252_000_000, 1_900_000, -250_100_000)
    assert {row.model: (row.cost.billed, row.cost.ledger) for row in first.models} == {
        "gpt-5.4-mini": (2_000_000, 1_900_000),
        "web search tool calls": (250_000_000, 0),
    }
    assert first.unpriced == 1
    assert first.models[1].cost.captured == pytest.approx(0.95)
    # Nothing was billed on the second day, and the ledger has a call of it.
    assert (second.cost.billed, second.cost.ledger, second.cost.captured) == (0, 7_000, None)
    assert (found.cost.billed, found.cost.ledger) == (252_000_000, 1_907_000)


@pytest.mark.django_db
def test_days_are_those_of_the_providers_clocks(call_at):
    """In November, midnight in Los Angeles is eight in the morning in UTC."""
    for hour, cost in ((7.9, 1), (8, 10), (31.9, 100), (32, 1_000)):
        call_at(hour, cost, "gemini", "gemini-3.8-flash")
    bring("google_report.csv", "gemini")

    assert [(day.day, day.cost.ledger) for day in compare("gemini").days] == [(DAY, 110)]

    bring("google_report.csv", "gemini", time_zone="UTC")

    assert [(day.day, day.cost.ledger) for day in compare("gemini").days] == [(DAY, 11)]
    assert ProviderInvoice.objects.count() == 1


@pytest.mark.django_db
def test_a_day_on_which_clocks_are_set_has_25_hours(call_at):
    for hour, cost in ((-17 * 24 + 6.9, 1), (-17 * 24 + 7, 10), (-16 * 24 + 7.9, 100), (-16 * 24 + 8, 1_000)):
        call_at(hour, cost, "gemini", "gemini-3.8-flash")
    content = b"date,model,cost\n2025-11-02,gemini-3.8-flash,1\n"
    import_invoice(content, provider="gemini", file_name="x", time_zone="America/Los_Angeles")

    assert [day.cost.ledger for day in compare("gemini").days] == [110]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("Europe/Berlin", date(2025, 3, 30)),
        ("Europe/Berlin", date(2025, 10, 26)),
        ("America/New_York", date(2025, 3, 9)),
        ("America/New_York", date(2025, 11, 2)),
        ("Australia/Lord_Howe", date(2025, 4, 6)),
        ("Australia/Lord_Howe", date(2025, 10, 5)),
        ("Asia/Kolkata", date(2025, 10, 5)),
    ],
)
def test_days_begin_with_the_midnights_of_their_zone_also_where_clocks_are_set_and_where_it_is_half_past(
    call_at, name, day
):
    days = [day + timedelta(days=number) for number in range(-1, 3)]
    midnights = [datetime.combine(one, datetime.min.time(), ZoneInfo(name)).astimezone(UTC) for one in days]
    for place, midnight in enumerate(midnights):
        for seconds, cost in ((-1, 10 ** (2 * place)), (0, 2 * 10 ** (2 * place + 1))):
            call_at((midnight - at(0)) / timedelta(hours=1) + seconds / 3600, cost)
    content = "date,model,cost\n" + "".join(f"{one},gpt-5.4-mini,1\n" for one in days[:3])
    import_invoice(content.encode(), provider="openai", file_name="x", time_zone=name)

    # Of each midnight the second before it costs 1, and it itself 20, a hundred times as much as at the one before.
    assert [one.cost.ledger for one in compare("openai").days] == [120, 12_000, 1_200_000]


@pytest.mark.django_db
def test_the_same_file_twice_changes_nothing_and_a_later_one_replaces_its_days():
    first = bring("openai_costs.json", "openai")
    again = bring("openai_costs.json", "openai")

    assert (again.invoice, again.is_known, first.is_known) == (first.invoice, True, False)
    assert BilledAmount.objects.count() == 3

    import_invoice(b"date,model,cost\n2025-11-19,gpt-5.4-mini,3\n", provider="openai", file_name="later.csv")

    found = compare("openai")
    assert [(day.day, day.cost.billed) for day in found.days] == [(DAY, 3 * USD), (NEXT, 0)]
    assert bring("openai_costs.json", "openai").is_known


@pytest.mark.django_db
def test_what_was_used_stands_beside_what_was_billed(call_at):
    call_at(1, 1_500_000)
    bring("openai_costs.csv", "openai")
    bring("openai_usage.csv", "openai")

    day = compare("openai").days[0]

    assert set(BilledAmount.objects.values_list("kind", flat=True)) == set(InvoiceKind.values)
    assert (day.tokens.billed, day.tokens.ledger) == (1123, 15)
    assert day.cost.billed == 252_000_000


@pytest.mark.parametrize("series", [b"[3]", b'[{"dataPoints": 3}]', b'[{"group": 3}]'])
def test_what_is_no_series_is_none_of_the_forms(series):
    with pytest.raises(InvoiceFormError, match="none of the forms"):
        read_statement(b'{"timeSeries": ' + series + b"}", provider="grok")


def test_an_answer_that_is_cut_short_is_refused():
    answer = (SAMPLES / "xai_usage.json").read_bytes().replace(b'"limitReached": false', b'"limitReached": true')

    with pytest.raises(InvoiceFormError, match="cut this answer short"):
        read_statement(answer, provider="grok")


@pytest.mark.django_db
def test_a_day_that_is_told_by_two_clocks_has_its_calls_once(call_at):
    call_at(12, 1_500_000)
    bring("openai_usage.csv", "openai", time_zone="Europe/Berlin")
    bring("openai_costs.csv", "openai")

    day = compare("openai").days[0]

    assert (day.tokens.ledger, day.cost.ledger) == (15, 1_500_000)


@pytest.mark.django_db
def test_a_broken_file_leaves_nothing_behind():
    with pytest.raises(InvoiceFormError):
        import_invoice(f"{HEAD}2025-11-19,m,1\nx,m,1\n".encode(), provider="groq", file_name="x")
    with pytest.raises(InvoiceFormError, match="no time zone"):
        import_invoice(f"{HEAD}2025-11-19,m,1\n".encode(), provider="groq", file_name="x", time_zone="Mars/Olympus")

    assert not ProviderInvoice.objects.exists()
    assert compare("groq") is None
    assert compared_providers() == []


@pytest.mark.django_db
def test_the_command_tells_days_in_words_and_as_json(call_at, capsys):
    call_at(1, 2_000_000)
    call_at(2, None)
    file = str(SAMPLES / "openai_costs.json")

    call_command("reconcile_usage", invoice=file, provider="OpenAI")
    said = capsys.readouterr().out
    call_command("reconcile_usage", invoice=file, provider="openai", as_json=True)
    answer = json.loads(capsys.readouterr().out, parse_float=Decimal)

    assert "OpenAI costs, JSON, 2025-11-19 to 2025-11-20 (UTC): 4 lines read." in said
    assert "0.79%" in said
    assert "(1 attempts without a price)" in said
    assert answer["is_known"] is True
    assert answer["days"][0]["billed_usd"] == Decimal("0.252")
    assert answer["days"][0]["models"][1] | {"captured": 1} == {
        "model": "gpt-5.4-mini",
        "billed_usd": Decimal("0.002"),
        "ledger_usd": Decimal("0.002"),
        "difference_usd": Decimal("0.0"),
        "captured": 1,
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"invoice": "x"}, "--invoice FILE and --provider NAME go together."),
        ({"provider": "openai"}, "--invoice FILE and --provider NAME go together."),
        ({"invoice": "/nowhere/x.csv", "provider": "openai"}, "/nowhere/x.csv: No such file or directory."),
        ({"invoice": __file__, "provider": "openai"}, "none of the forms"),
    ],
)
def test_the_command_says_in_a_line_what_is_wrong(arguments, said):
    with pytest.raises(CommandError) as caught:
        call_command("reconcile_usage", **arguments)

    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_vendors_have_their_names_too():
    assert [provider_named(name) for name in ("Google", "xAI", "claude", "groq")] == [
        "gemini",
        "grok",
        "anthropic",
        "groq",
    ]


COMPARE = "/admin/usage/providerinvoice/compare/"
IMPORT = "/admin/usage/providerinvoice/add/"


@pytest.mark.django_db
def test_a_file_is_imported_on_a_page_and_its_days_are_shown(client_for, staff, call_at):
    call_at(1, 1_900_000)
    client = client_for(staff)
    assert "Nothing has been imported yet" in client.get(COMPARE).content.decode()

    with (SAMPLES / "openai_costs.csv").open("rb") as file:
        sent = client.post(IMPORT, {"provider": "openai", "file": file}, follow=True)

    page = sent.content.decode()
    assert sent.redirect_chain == [(f"{COMPARE}?provider=openai", 302)]
    assert "19 Nov 2025" in page
    assert "$0.2520" in page
    assert "0.75%" in page
    assert "web search tool calls" in page
    invoice = ProviderInvoice.objects.get()
    assert invoice.imported_by == staff
    assert AuditEntry.objects.filter(model="provider invoice", actor=staff).exists()
    assert "openai_costs.csv" in client.get("/admin/usage/providerinvoice/").content.decode()
    assert client.get(f"/admin/usage/providerinvoice/{invoice.pk}/change/").status_code == 200


@pytest.mark.django_db
def test_a_file_that_cannot_be_read_is_told_on_the_page(client_for, staff):
    file = ContentFile(f"{HEAD}2025-11-19,m,one\n".encode(), name="broken.csv")

    page = client_for(staff).post(IMPORT, {"provider": "groq", "file": file}).content.decode()

    assert "Line 2: &#x27;one&#x27; is no amount of money." in page
    assert not ProviderInvoice.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("address", [COMPARE, IMPORT])
def test_staff_without_the_permission_see_nothing(client_for, owner, address):
    owner.is_staff = True
    owner.save()

    assert client_for(owner).get(address).status_code == 403


@pytest.mark.django_db
def test_the_page_asks_for_all_days_at_once(client_for, staff, django_assert_max_num_queries):
    rows = "".join(f"2025-{month:02}-{day:02},m{day},1\n" for month in (9, 10, 11) for day in range(1, 29))
    import_invoice((HEAD + rows).encode(), provider="groq", file_name="many.csv")
    client = client_for(staff)

    with django_assert_max_num_queries(14):
        assert client.get(COMPARE).status_code == 200
