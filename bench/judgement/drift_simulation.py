"""Simulated drift checks: how often data that does not change alarms, and how often a shift is not seen.

A check compares the rows of a day, one for each entity, with evaluation rows in which most entities occur on
several days. A model's 20 features are of the kinds that occur: counts, amounts, mostly zero, constant, with
missing values, categories. Importance falls off as it does in trained models: a few features have most of it,
some have none.
"""

import numpy as np
import pandas as pd
from bins import CategoryBins, numeric_bins
from drift import Limits, compare, feature_rules, score_rule

FEATURES = 20
LIMITS = Limits(alpha=0.005, effect=0.1)
EVALUATION_ENTITIES = 1000
DAYS = 3
# How much of a feature's variance lies between entities: the rest changes from day to day.
BETWEEN = 0.7
CATEGORIES = ("android", "ios", "tv", "web", "watch")


def importance() -> np.ndarray:
    """Shares that fall off geometrically; the last quarter of the features is not used."""
    shares = 0.7 ** np.arange(FEATURES)
    shares[-FEATURES // 4 :] = 0
    return shares / shares.sum()


def latent(random: np.random.Generator, entities: int, days: int) -> np.ndarray:
    """Standard normal values of (entity and day, feature): an entity's days resemble one another."""
    own = np.repeat(random.standard_normal((entities, FEATURES)), days, axis=0)
    return np.sqrt(BETWEEN) * own + np.sqrt(1 - BETWEEN) * random.standard_normal(own.shape)


def column(values: np.ndarray, kind: int) -> np.ndarray | pd.Series:
    """Standard normal values as a feature of one of seven kinds."""
    uniform = 0.5 * (1 + np.tanh(values * 0.8))
    match kind % 7:
        case 0:
            return values
        case 1:
            return np.exp(values)
        case 2:
            return np.floor(np.exp(0.8 * values) * 2)
        case 3:
            return np.where(values < 1.3, 0.0, np.round(20 * values, 2))
        case 4:
            return np.where(uniform < 0.3, np.nan, values)
        case 5:
            at = np.minimum((uniform * len(CATEGORIES)).astype(int), len(CATEGORIES) - 1)
            return pd.Series(np.array(CATEGORIES, dtype=object)[at])
        case _:
            return np.ones_like(values)


def alarms(seed: int, rows: int, shift: float = 0.0) -> tuple[bool, bool]:
    """One check: whether it alarms, and whether the most important feature is what drifted.

    `shift` moves that feature by so many of its standard deviations; the scores stay, as if the model did not
    show it.
    """
    random = np.random.default_rng(seed)
    shares = importance()
    before, now = latent(random, EVALUATION_ENTITIES, DAYS), latent(random, rows, 1)
    rules = feature_rules(list(shares), LIMITS)
    drifted = []
    for feature, rule in enumerate(rules):
        reference = column(before[:, feature], feature)
        current = column(now[:, feature] + (shift if feature == 0 else 0.0), feature)
        bins = CategoryBins(CATEGORIES[:-1]) if feature % 7 == 5 else numeric_bins(np.asarray(reference))
        difference = compare(bins.count(reference), bins.count(current), EVALUATION_ENTITIES)
        drifted.append(rule is not None and rule.strength(difference) >= 1)
    scores_before, scores_now = (1 / (1 + np.exp(-side @ shares * 3)) for side in (before, now))
    bins = numeric_bins(scores_before)
    difference = compare(bins.count(scores_before), bins.count(scores_now), EVALUATION_ENTITIES)
    return any(drifted) or score_rule(LIMITS).strength(difference) >= 1, drifted[0]


def false_alarms(rows: int, checks: int) -> float:
    """The share of checks of unchanged data that alarm."""
    return sum(alarms(seed, rows)[0] for seed in range(checks)) / checks


def missed_shifts(rows: int, shift: float, checks: int) -> float:
    """The share of checks that do not see that the most important feature has shifted."""
    return sum(not alarms(seed, rows, shift)[1] for seed in range(checks)) / checks
