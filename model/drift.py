"""Drift of a column: did its distribution change by more than chance, and by more than matters?

Two questions, because either alone misleads. With many rows a difference that nobody would act on is
significant; with few rows chance alone gives a large index. A column has drifted if both hold:

- Significance: Pearson's chi-squared test of homogeneity on the counts by bin (Pearson, 1900; bins whose
  expected count is below 5 are pooled with one another, after Cochran, "Some Methods for Strengthening the
  Common χ² Tests", Biometrics 10, 1954). Where all of them together are too few, they are judged by the exact
  test of two Poisson counts (Przyborowski and Wilenski, "Homogeneity of Results in Testing Samples from
  Poisson Series", Biometrika 31, 1940): pooled with a common bin, a category that nobody had would not show.
- Size: the population stability index, PSI = Σ (qᵢ − pᵢ) · ln(qᵢ / pᵢ), less what it is on average when
  nothing changed, (bins − 1) · (1/n + 1/m) for samples of n and m rows (Yurdakul, "Statistical Properties
  of Population Stability Index", 2018). The rest is called the excess.

Many columns are tested at once. Each gets a part of the error probability by its weight (weighted
Bonferroni: Genovese, Roeder and Wasserman, "False Discovery Control with p-Value Weighting", Biometrika 93,
2006), so that a check of any number of columns has a false alarm with at most this probability. The scores
have half of it, the features share the other half by their importance to the model. An index that matters
for an important feature does not for one that the model hardly uses: a feature with less than its equal
share of the importance needs an excess that is larger by as much. A feature without importance never
drifts; it informs.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

# The scores' part of the error probability: what the model makes of all its features together matters most.
SCORE_WEIGHT = 0.5
LEAST_EXPECTED = 5.0
# Added to every bin, so that an empty one does not make the index infinite (Jeffreys' prior).
PSEUDOCOUNT = 0.5
# A check of fewer rows is skipped.
LEAST_ROWS = 100
# With a reference of fewer independent rows, too.
LEAST_REFERENCE = 10


@dataclass(frozen=True)
class Difference:
    """How far a sample's counts are from a reference's."""

    psi: float
    excess: float
    log_p: float

    @property
    def p_value(self) -> float:
        """The probability of such a difference if nothing changed; 0 if it is too small for a double."""
        return math.exp(self.log_p)


@dataclass(frozen=True)
class Limits:
    """The pipeline's monitoring.drift."""

    alpha: float
    effect: float


@dataclass(frozen=True)
class Rule:
    """What a column needs to have drifted: a p-value and an excess."""

    p_value: float
    excess: float

    def strength(self, difference: Difference) -> float:
        """How close a difference is to drift: 1 or more is drift, so that one number can be watched.

        The smaller of the excess as a share of what is needed, and of the same for the p-value in logarithms.
        """
        significance = difference.log_p / math.log(self.p_value)
        return max(0.0, min(difference.excess / self.excess, significance))


def compare(reference: np.ndarray, current: np.ndarray, reference_size: float | None = None) -> Difference:
    """Compare counts by bin.

    `reference_size`: as how many independent rows the reference counts, if fewer than its rows (rows of one
    entity resemble one another).
    """
    reference = reference.astype(np.float64)
    current = current.astype(np.float64)
    rows, day = float(reference.sum()), float(current.sum())
    if rows == 0 or day == 0:
        raise ValueError("a comparison needs rows on both sides")
    size = rows if reference_size is None else min(rows, reference_size)
    reference, current, is_last_rare = _pooled(reference * (size / rows), current)
    psi = _psi(reference, current)
    chance = (len(reference) - 1) * (1 / day + 1 / size)
    if not is_last_rare:
        return Difference(psi, psi - chance, _chi_squared(reference, current))
    # Two tests, of which the smaller p-value counts (Bonferroni).
    by_test = (_chi_squared(reference[:-1], current[:-1]), _exact(reference, current))
    return Difference(psi, psi - chance, min(0.0, min(by_test) + math.log(2)))


def score_rule(limits: Limits) -> Rule:
    """When the scores have drifted."""
    return Rule(limits.alpha * SCORE_WEIGHT, limits.effect)


def feature_rules(importance: Sequence[float], limits: Limits) -> list[Rule | None]:
    """When each feature has drifted, by its share of the importance; None for one without any."""
    total = sum(importance)
    rules: list[Rule | None] = []
    for value in importance:
        share = value / total if total > 0 else 0.0
        if share == 0:
            rules.append(None)
            continue
        weight = (1 - SCORE_WEIGHT) * share
        rules.append(Rule(limits.alpha * weight, limits.effect / min(1.0, share * len(importance))))
    return rules


def informing_rule(columns: int, limits: Limits) -> Rule:
    """When a change of a feature without importance is worth telling: each column counts alike."""
    return Rule(limits.alpha / max(1, columns), limits.effect)


def _psi(reference: np.ndarray, current: np.ndarray) -> float:
    expected, actual = _shares(reference), _shares(current)
    return float(np.sum((actual - expected) * np.log(actual / expected)))


def _shares(counts: np.ndarray) -> np.ndarray:
    return (counts + PSEUDOCOUNT) / (counts.sum() + PSEUDOCOUNT * len(counts))


def _chi_squared(reference: np.ndarray, current: np.ndarray) -> float:
    """The logarithm of the p-value of the test that both have the same shares."""
    if len(reference) < 2 or reference.sum() == 0 or current.sum() == 0:
        return 0.0
    both = reference + current
    statistic = 0.0
    for counts in (reference, current):
        expected = both * counts.sum() / both.sum()
        statistic += float(np.sum((counts - expected) ** 2 / expected))
    return float(stats.chi2.logsf(statistic, len(both) - 1))


def _exact(reference: np.ndarray, current: np.ndarray) -> float:
    """The logarithm of the two-sided p-value of the test that the last bin has the same share of both.

    Given how many rows it has, those of one side are binomial; the beta distribution continues that to the
    fractions of rows that a reference of fewer independent rows has.
    """
    share = reference.sum() / (reference.sum() + current.sum())
    count, rows = reference[-1], reference[-1] + current[-1]
    at_least = stats.beta.logcdf(share, count, rows - count + 1) if count > 0 else 0.0
    at_most = stats.beta.logcdf(1 - share, rows - count, count + 1) if count < rows else 0.0
    return min(0.0, float(min(at_least, at_most)) + math.log(2))


def _pooled(reference: np.ndarray, current: np.ndarray) -> tuple[np.ndarray, np.ndarray, bool]:
    """Counts of the bins in use. Those with too small an expected count in the smaller sample are pooled with
    the next ones of that kind until they are enough; whether the last bin is of all of them and still too
    few.
    """
    used = reference + current > 0
    reference, current = reference[used], current[used]
    smaller = min(reference.sum(), current.sum()) / (reference.sum() + current.sum())
    expected = (reference + current) * smaller
    rare = expected < LEAST_EXPECTED
    groups = [[at] for at in np.flatnonzero(~rare)]
    waiting: list[np.intp] = []
    for at in np.flatnonzero(rare):
        waiting.append(at)
        if expected[waiting].sum() >= LEAST_EXPECTED:
            groups.append(waiting)
            waiting = []
    if waiting and len(groups) > np.sum(~rare):
        groups[-1] += waiting
        waiting = []
    groups += [waiting] if waiting else []
    sums = [np.array([side[group].sum() for group in groups]) for side in (reference, current)]
    return sums[0], sums[1], bool(waiting)
