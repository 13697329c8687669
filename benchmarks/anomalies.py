"""How soon a change of usage is found, how often nothing is found where something is, and how often the cause is right.

Sites are made up: users, tasks and providers with a rhythm of the day and the week, growth, and noise of three kinds
(Poisson; overdispersed, with days that differ; log-normal prices of calls with heavy tails and bursts). On each, the cost
is raised by half, or to three times as much, by one cause: one user's calls, one task's texts, one provider's prices, or
one provider's failures, which are billed and asked again.

    python -m benchmarks.anomalies --seeds 11 12 13

Seeds 1 and 2 were used to choose the constants of `usage.anomalies.detection`; figures are of others.
"""

import argparse
import math
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median

import numpy as np

from usage.anomalies.causes import Cause, Segment, Sums, explain, usual_of
from usage.anomalies.detection import find_episodes
from usage.anomalies.measures import RECIPES, hours_of_week, track_of
from usage.types import Watched

START = datetime(2026, 1, 5, tzinfo=UTC)
LEARN, LOOK = 8 * 168, 3 * 168
NOISES = ("poisson", "overdispersed", "heavy")
SHIFTS = {"+50 %": 1.5, "x3": 3.0}
CAUSES = (Cause.VOLUME, Cause.TOKENS, Cause.PRICE, Cause.ERRORS)
PATIENCE = 72
WEEKS_BACK = 4


@dataclass
class Incident:
    """What is put into a site: from `at` on, the total cost is `times` as high for one cause, with one name."""

    cause: Cause
    times: float
    at: int
    dimension: str = ""
    name: str = ""


@dataclass
class Site:
    """The figures of a site: an array of hours and segments for each."""

    segments: list[Segment]
    figures: dict[str, np.ndarray]
    incident: Incident | None

    def totals(self) -> dict[str, np.ndarray]:
        """Return the sums of each hour."""
        sums = {name: array.sum(axis=1) for name, array in self.figures.items()}
        sums["tokens"] = sums["input_tokens"] + sums["output_tokens"]
        return sums

    def traffic(self, hours: list[int]) -> dict[Segment, Sums]:
        """Return what hours add up to, segment by segment."""
        added = {name: array[hours].sum(axis=0) for name, array in self.figures.items()}
        return {
            segment: Sums(**{name: float(array[number]) for name, array in added.items()})
            for number, segment in enumerate(self.segments)
            if added["calls"][number]
        }


def make_site(rng: np.random.Generator, noise: str, incident: Incident | None) -> Site:
    """Make up a site."""
    segments, weights = _make_segments(rng)
    hours = LEARN + LOOK
    rate = _rate(rng, noise, hours)[:, None] * weights[None, :]
    scales = {name: np.ones((hours, len(segments))) for name in ("volume", "tokens", "price", "errors")}
    if incident:
        _inject(rng, incident, segments, weights, scales)
    if noise == "overdispersed":
        # Hours and days that differ for all, and each segment by itself.
        shared = rng.lognormal(0, 0.15, hours) * np.repeat(rng.lognormal(0, 0.08, hours // 24), 24)
        rate = rate * shared[:, None] * rng.gamma(8, 1 / 8, rate.shape)
    elif noise == "heavy":
        rate = rate * np.where(rng.random(rate.shape) < 0.002, 8, 1)
    calls = rng.poisson(rate * scales["volume"])
    failing = np.array([0.01 if one.provider != "groq" else 0.02 for one in segments])
    # Those that are asked in vain more than once count each time.
    failed = rng.poisson(calls * np.minimum(failing * 1.0, 0.9)) + rng.poisson(calls * (scales["errors"] - 1))
    attempts = calls + failed
    spread = {"poisson": 0.4, "overdispersed": 0.7, "heavy": 1.1}[noise]
    length = np.array([{"chat": 900, "letter": 2500, "parse": 4000}[one.task] for one in segments]) * scales["tokens"]
    sent = attempts * length * _mean_noise(rng, attempts, spread)
    written = attempts * length * 0.25 * _mean_noise(rng, attempts, spread)
    price = np.array([{"openai": 1250, "gemini": 300, "groq": 100}[one.provider] for one in segments]) * scales["price"]
    slowness = np.array([{"openai": 2500, "gemini": 1800, "groq": 600}[one.provider] for one in segments])
    latency = calls * slowness * _mean_noise(rng, calls, 0.6)
    figures = {
        "calls": calls,
        "attempts": attempts,
        "failed": failed,
        "timed": calls,
        "latency_ms": latency,
        "input_tokens": sent,
        "output_tokens": written,
        "cost_nanousd": (sent + 6 * written) * price,
        "unpriced": np.zeros_like(calls),
        "zero_cost": np.zeros_like(calls),
    }
    return Site(segments, {name: array.astype(float) for name, array in figures.items()}, incident)


def _make_segments(rng: np.random.Generator) -> tuple[list[Segment], np.ndarray]:
    users = rng.dirichlet(np.full(8, 1.2))
    segments, weights = [], []
    routes = {"chat": ("openai", "groq"), "letter": ("openai", "gemini"), "parse": ("gemini", "openai")}
    tasks = rng.dirichlet([4, 3, 3])
    for user, part in enumerate(users):
        for (task, providers), share in zip(routes.items(), tasks, strict=True):
            for provider, followed in zip(providers, (0.8, 0.2), strict=True):
                segments.append(Segment(f"user{user}", task, provider, f"{provider}-1"))
                weights.append(part * share * followed)
    return segments, np.array(weights)


def _rate(rng: np.random.Generator, noise: str, hours: int) -> np.ndarray:
    """Return how many calls are to be expected in each hour: a rhythm, growth, and a level that wanders a little."""
    base = math.exp(rng.uniform(math.log(20), math.log(400)))
    place = np.arange(hours)
    hour, day = place % 24, place // 24 % 7
    peak, night = rng.uniform(10, 16), rng.uniform(0.1, 0.4)
    rhythm = night + (1 - night) * np.exp(-(((hour - peak) / rng.uniform(3, 5)) ** 2))
    weekend = np.where(day >= 5, rng.uniform(0.2, 0.8), 1.0)
    special = np.where(place % 168 == rng.integers(0, 120), 1.8, 1.0)
    growth = np.exp(rng.uniform(-0.01, 0.03) * place / 168)
    wander = np.zeros(hours)
    step = 0.05 if noise == "poisson" else 0.1
    for number in range(1, hours):
        wander[number] = 0.9 * wander[number - 1] + rng.normal(0, step * math.sqrt(1 - 0.81))
    return base * rhythm * weekend * special * growth * np.exp(wander)


def _mean_noise(rng: np.random.Generator, numbers: np.ndarray, spread: float) -> np.ndarray:
    """Return by what the mean of so many log-normal figures misses its expectation (Fenton and Wilkinson)."""
    variance = (math.exp(spread**2) - 1) / np.maximum(numbers, 1)
    sigma = np.sqrt(np.log1p(variance))
    return rng.lognormal(-(sigma**2) / 2, sigma)


def _inject(
    rng: np.random.Generator, incident: Incident, segments: list[Segment], weights: np.ndarray, scales: dict
) -> None:
    """Raise the total cost by one cause, in the segments of one name."""
    length = {"chat": 900, "letter": 2500, "parse": 4000}
    price = {"openai": 1250, "gemini": 300, "groq": 100}
    costs = np.array([w * length[s.task] * price[s.provider] for s, w in zip(segments, weights, strict=True)])
    dimension = {Cause.VOLUME: "user", Cause.TOKENS: "task"}.get(incident.cause, "provider")
    shares: dict[str, float] = defaultdict(float)
    for segment, cost in zip(segments, costs, strict=True):
        shares[getattr(segment, dimension)] += cost / costs.sum()
    names = [name for name, share in shares.items() if share > 0.08]
    incident.dimension, incident.name = dimension, str(rng.choice(names))
    times = 1 + (incident.times - 1) / shares[incident.name]
    chosen = np.array([getattr(segment, dimension) == incident.name for segment in segments])
    kind = {Cause.VOLUME: "volume", Cause.TOKENS: "tokens", Cause.PRICE: "price", Cause.ERRORS: "errors"}
    scales[kind[incident.cause]][incident.at :, chosen] *= times


def look(site: Site) -> dict[str, list]:
    """Return the episodes of each measure."""
    totals = site.totals()
    slots = hours_of_week((START + timedelta(hours=place) for place in range(LEARN + LOOK)), UTC)
    return {
        measure: find_episodes(track_of(measure, totals), slots, since=LEARN)
        for measure in RECIPES
        if measure not in {Watched.UNPRICED, Watched.ZERO_COST}
    }


def why(site: Site, measure: str, began_at: int, found_at: int) -> object:
    """Explain an alarm as it is raised."""
    hours = list(range(began_at, found_at + 1))
    past = [site.traffic([hour - 168 * week for hour in hours]) for week in range(1, WEEKS_BACK + 1)]
    return explain(measure, now=site.traffic(hours), usual=usual_of(past, over=1))


def run(seed: int, number: int) -> dict:
    """Look at so many sites without an incident, and at as many with one."""
    rng = np.random.default_rng(seed)
    found: dict = {"alarms": defaultdict(int), "days": 0, "noise": defaultdict(int), "site_days": 0}
    for one in range(number):
        noise = NOISES[one % 3]
        for measure, episodes in look(make_site(rng, noise, None)).items():
            found["alarms"][measure] += len(episodes)
            found["noise"][noise] += len(episodes)
        found["site_days"] += LOOK // 24
    for label, times in SHIFTS.items():
        delays, right, named = [], [], []
        for one in range(number):
            at = LEARN + int(rng.integers(168, LOOK - PATIENCE))
            incident = Incident(CAUSES[one % 4], times, at)
            site = make_site(rng, NOISES[one % 3], incident)
            episodes = [e for e in look(site)[Watched.COST] if at <= e.found_at < at + PATIENCE and e.is_more]
            if not episodes:
                delays.append(math.inf)
                continue
            delays.append(episodes[0].found_at - at + 1)
            told = why(site, Watched.COST, episodes[0].began_at, episodes[0].found_at)
            right.append((incident.cause, told.cause == incident.cause))
            named.append((incident.dimension, incident.name) in told.who)
        found[label] = (delays, right, named)
    return found


def main() -> None:
    """Print the figures of each seed, and of all."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[11, 12, 13])
    parser.add_argument("--series", type=int, default=60)
    options = parser.parse_args()
    every: dict[str, list] = defaultdict(list)
    for seed in options.seeds:
        found = run(seed, options.series)
        days = found["site_days"]
        measures = {measure: round(count / days, 4) for measure, count in found["alarms"].items()}
        by_noise = {noise: round(count / (days / 3 * len(measures)), 4) for noise, count in found["noise"].items()}
        overall = sum(found["alarms"].values()) / (days * len(measures))
        print(f"seed {seed}: false alarms per series and day {overall:.4f}; by measure {measures}; by noise {by_noise}")
        every["alarms"].append(overall)
        for label in SHIFTS:
            delays, right, named = found[label]
            by_cause = {
                cause: f"{sum(r for c, r in right if c == cause)}/{sum(c == cause for c, _ in right)}"
                for cause in CAUSES
            }
            missed = sum(math.isinf(one) for one in delays)
            print(
                f"  {label}: found after {median(delays):.0f} h (median), {missed} of {len(delays)} not within {PATIENCE} h; "
                f"cause right {np.mean([r for _, r in right]):.0%} {by_cause}, name right {np.mean(named):.0%}"
            )
            every[label] += delays
            every[f"{label} right"] += [r for _, r in right]
            every[f"{label} named"] += named
    print(f"all: false alarms per series and day {np.mean(every['alarms']):.4f}")
    for label in SHIFTS:
        print(
            f"all, {label}: {median(every[label]):.0f} h; cause right {np.mean(every[f'{label} right']):.1%}, "
            f"name right {np.mean(every[f'{label} named']):.1%}"
        )


if __name__ == "__main__":
    main()
