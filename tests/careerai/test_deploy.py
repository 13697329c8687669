"""What stands in deploy/ fits the application: its figures, settings, commands and addresses."""

import json
import re
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
import pytest
import yaml
from django.conf import settings as site_settings
from django.core.management import call_command
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from careerai.metrics import _Registry
from tests.careerai.test_configuration import read_by_settings

ROOT = Path(site_settings.BASE_DIR)
DEPLOY = ROOT / "deploy"
DASHBOARD = json.loads((DEPLOY / "grafana/dashboards/careerai.json").read_text())
RULES = yaml.safe_load((DEPLOY / "prometheus/careerai-rules.yml").read_text())
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SCRAPE = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text())["scrape_configs"][0]
NAME = re.compile(r"\bai_[a-z_]+\b")
# Functions, words and labels of PromQL that are no label of a figure of ours.
OF_PROMETHEUS = {"le", "job", "quantile"}


def expressions() -> dict[str, str]:
    found = {
        f"{panel['title']} {target['refId']}": target["expr"]
        for panel in DASHBOARD["panels"]
        for target in panel["targets"]
    }
    return found | {rule["alert"]: rule["expr"] for group in RULES["groups"] for rule in group["rules"]}


@pytest.fixture
def exposed(db) -> dict[str, set[str]]:
    """The names of all series, each with the labels that it has on a site that is in use."""
    call_command("seed_usage", calls=60, days=1, verbosity=0)
    text = generate_latest(_Registry()).decode()
    labels: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        suffixes = {
            "counter": ["_total"],
            "histogram": ["_bucket", "_sum", "_count"],
            "summary": ["", "_sum", "_count"],
        }
        for suffix in suffixes.get(family.type, [""]):
            labels[family.name + suffix] = set()
        for sample in family.samples:
            labels.setdefault(sample.name, set()).update(sample.labels)
    return labels


def test_each_figure_of_dashboard_rules_and_handbook_is_one_that_metrics_tells(exposed):
    text = (ROOT / "docs" / "operations.md").read_text()
    documented = set(NAME.findall(text.split("## Metrics")[1].split("\n## ")[0]))
    used = {name for expression in expressions().values() for name in NAME.findall(expression)}

    assert used - exposed.keys() == set()
    assert {name for name in documented if name not in exposed and f"{name}_count" not in exposed} == set()
    families = {name for name in exposed if not name.endswith(("_bucket", "_sum", "_count"))}
    shortened = {f"ai_budget_{word}_usd" for word in ("spent", "held", "left")}
    assert families - documented - shortened == set()


def test_labels_that_are_asked_for_are_there(exposed):
    for what, expression in expressions().items():
        names = NAME.findall(expression)
        asked = {part.strip() for group in re.findall(r"by \(([^)]*)\)", expression) for part in group.split(",")}
        asked |= set(re.findall(r"([a-z_]+)(?:=~?|!=)\"", expression))
        known = {label for name in names for label in exposed.get(name, ())}

        # A figure without a series here (no budget, no alert) cannot be checked.
        if any(exposed.get(name) for name in names):
            assert asked - known - OF_PROMETHEUS == set(), what


def test_panels_have_ids_of_their_own_and_do_not_overlap():
    panels = DASHBOARD["panels"]
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in panels)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]

    assert len({panel["id"] for panel in panels}) == len(panels)
    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) == 23


def test_each_rule_says_how_bad_it_is_and_what_it_means():
    for rule in (rule for group in RULES["groups"] for rule in group["rules"]):
        assert rule["labels"]["severity"] in {"warning", "critical"}
        assert rule["annotations"]["summary"]


def test_each_variable_of_the_containers_is_one_of_the_application():
    environment = set(COMPOSE["x-careerai"]["environment"])
    names = {name.removesuffix("_FILE") for name in environment} - {"FORWARDED_ALLOW_IPS"}

    assert names - read_by_settings() == set()
    image = re.findall(r"^(?:ENV|   ) ?([A-Z_]+)=", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    assert set(image) - read_by_settings() == {"PYTHONUNBUFFERED"}


def test_services_volumes_secrets_and_files_that_are_named_exist():
    for service in COMPOSE["services"].values():
        assert set(service.get("depends_on", ())) <= COMPOSE["services"].keys()
        assert set(service.get("secrets", ())) <= COMPOSE["secrets"].keys()
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            is_file = source.startswith("./") and not source.startswith("./secrets/")
            assert (DEPLOY / source).exists() if is_file else source.startswith("./") or source in COMPOSE["volumes"]
    host, _, port = SCRAPE["static_configs"][0]["targets"][0].partition(":")
    assert port in COMPOSE["services"][host]["command"]
    assert urlsplit(COMPOSE["x-careerai"]["environment"]["REDIS_URL"]).hostname in COMPOSE["services"]


def test_secrets_are_made_once_and_fit_what_reads_them(tmp_path):
    script = tmp_path / "make_secrets.sh"
    script.write_bytes((DEPLOY / "make_secrets.sh").read_bytes())
    made = []
    for _ in range(2):
        subprocess.run(["bash", str(script)], check=True, capture_output=True)
        made.append({path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()})

    assert made[0] == made[1]
    files = {Path(secret["file"]).name for secret in COMPOSE["secrets"].values()}
    assert files <= made[0].keys()
    database, broker = dj_database_url.parse(made[0]["database_url"]), urlsplit(made[0]["broker_url"])
    assert (database["HOST"], database["PASSWORD"]) == ("postgres", made[0]["database_password"])
    assert f"default_pass = {broker.password}\n" in made[0]["rabbitmq.conf"]


@pytest.mark.parametrize("unit", sorted(path.name for path in (DEPLOY / "systemd").iterdir()))
def test_units_start_what_there_is(unit):
    lines = (DEPLOY / "systemd" / unit).read_text().splitlines()
    (command,) = [line.partition("=")[2] for line in lines if line.startswith("ExecStart=")]

    assert re.search(r"uvicorn careerai\.asgi:application |celery -A careerai worker |manage\.py serve$", command)
    assert "NoNewPrivileges=true" in lines


@pytest.mark.parametrize("file", ["Caddyfile", "nginx.conf"])
def test_proxies_hide_the_figures_and_let_streams_through(file):
    text = (DEPLOY / file).read_text()

    assert "/metrics" in text
    assert "flush_interval -1" in text or "proxy_buffering off" in text
    most = int(re.search(r"(?:max_size|client_max_body_size) (\d+)", text).group(1))
    assert most * 1024 * 1024 > site_settings.MAX_UPLOAD_BYTES
