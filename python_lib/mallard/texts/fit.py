"""The fit of terms to texts: which terms there are, and where each of them points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.sparse import csr_matrix

from mallard.errors import MallardError
from mallard.kmeans.points import Floats, Labels
from mallard.texts.projection import Terms, mean_vectors
from mallard.texts.settings import DEFAULT_LENGTH, TextSettings

NO_DIRECTION = 1e-6
"""A singular value of less than this share of the largest may be rounding, and its direction is arbitrary."""


def fit_terms(customers: Labels, texts: Sequence[str], settings: TextSettings) -> Terms:
    """Find the terms of texts by TF-IDF, and their vectors by a truncated singular value decomposition.

    S. Deerwester et al., "Indexing by latent semantic analysis", 1990,
    doi 10.1002/(SICI)1097-4571(199009)41:6<391::AID-ASI1>3.0.CO;2-9. The decomposition is that of ARPACK, which is
    exact, from a fixed start and on one thread: the same texts in the same order give the same bits.

    Vectors are scaled together so that the mean vectors of the customers have a total variance of 1: a vector then
    counts as much as one standardised number.

    Args:
        customers: the place of the customer of each text, or -1, shape (n_texts,).
        texts: in an order that depends on nothing but the texts.

    Raises:
        MallardError: there are too few texts or terms, or all texts are alike.
    """
    terms, n_texts, idf, weights = _weighted(texts, settings)
    vectors = _directions(weights, settings)
    known = customers >= 0
    spread = _spread(customers[known], weights[known], vectors, settings)
    return Terms(terms, n_texts, idf, (vectors / spread).astype(np.float32))


def _weighted(texts: Sequence[str], settings: TextSettings) -> tuple[list[str], Labels, Floats, csr_matrix]:
    """The terms, in how many texts each is, their inverse document frequencies, and their weights in each text."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(
        min_df=settings.min_df,
        max_df=float(settings.max_df),
        max_features=settings.max_terms,
        ngram_range=(1, settings.ngram),
    )
    try:
        weights = vectorizer.fit_transform(texts)
    except ValueError:  # its words differ from case to case, and all of them mean this
        raise MallardError(
            f"column {settings.text} has {len(texts):,} texts, and no term is in at least min_df ({settings.min_df}) "
            f"and at most max_df ({settings.max_df}) of them: give more texts, or change the two settings."
        ) from None
    return list(vectorizer.get_feature_names_out()), np.bincount(weights.indices), vectorizer.idf_, weights


def _directions(weights: csr_matrix, settings: TextSettings) -> Floats:
    """The directions in which texts differ most, shape (n_terms, length)."""
    from sklearn.decomposition import TruncatedSVD
    from threadpoolctl import threadpool_limits

    length = settings.length or DEFAULT_LENGTH
    n_texts, n_terms = weights.shape
    if length >= min(n_texts, n_terms):
        raise _too_long(length, min(n_texts, n_terms) - 1, f"{n_texts:,} texts with {n_terms:,} terms", settings)
    # scikit-learn divides by the variance, also where there is none
    with threadpool_limits(1, user_api="blas"), np.errstate(divide="ignore", invalid="ignore"):
        found = TruncatedSVD(length, algorithm="arpack", random_state=0).fit(weights)
    largest = found.singular_values_[0]
    n_directions = int(np.sum(found.singular_values_ > NO_DIRECTION * largest))
    if n_directions < length:
        raise _too_long(length, n_directions, f"texts that differ in {n_directions} directions", settings)
    directions: Floats = found.components_.T
    return directions


def _too_long(length: int, longest: int, because: str, settings: TextSettings) -> MallardError:
    settings = replace(settings, length=length)
    remedy = f"set it to at most {longest}, " if longest > 0 else ""
    return settings.refusal("length", f"column {settings.text} has {because}; {remedy}give more texts, or lower min_df")


def _spread(customers: Labels, weights: csr_matrix, vectors: Floats, settings: TextSettings) -> float:
    """The square root of the total variance of the customers' mean vectors, of those who wrote something known."""
    found = mean_vectors([(customers, weights)], vectors, int(customers.max(initial=-1)) + 1)
    means = found.means[found.n_known > 0]
    spread = float(np.sqrt(np.sum((means - means.mean(axis=0)) ** 2) / len(means))) if len(means) else 0.0
    if spread < NO_DIRECTION:
        raise MallardError(
            f"column {settings.text} has the texts of {len(means):,} customers, all alike in {vectors.shape[1]} "
            "positions: give texts that tell customers apart, or raise length."
        )
    return spread
