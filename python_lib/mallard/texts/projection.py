"""From texts to vectors, by terms that were fitted before."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mallard.kmeans.points import Floats, Labels

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfVectorizer


class Terms(NamedTuple):
    """What the fit found: all that it takes to turn a text into a vector.

    Attributes:
        terms: in alphabetical order.
        n_texts: in how many texts of the fit each term is, shape (n_terms,).
        idf: inverse document frequency, shape (n_terms,).
        vectors: what a term adds to a text in which it has the weight 1, shape (n_terms, length).
    """

    terms: list[str]
    n_texts: Labels
    idf: Floats
    vectors: Floats


class TextVectors(NamedTuple):
    """Vectors of customers.

    Attributes:
        n_texts: number of texts, shape (n_customers,).
        n_known: number of texts with a term that is known, shape (n_customers,).
        means: mean vector of these, or zeros if there are none, shape (n_customers, length).
    """

    n_texts: Labels
    n_known: Labels
    means: Floats


def vectorizer_of(terms: Terms) -> TfidfVectorizer:
    """scikit-learn's vectorizer in the state after its fit.

    Of stored terms, the one with the most words says how many words were put together: longer ones were no terms.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    longest = max(term.count(" ") + 1 for term in terms.terms)
    vectorizer = TfidfVectorizer(vocabulary=terms.terms, ngram_range=(1, longest))
    vectorizer.idf_ = terms.idf
    return vectorizer


def mean_vectors(
    weights_of_batches: Iterable[tuple[Labels, csr_matrix]], vectors: Floats, n_customers: int
) -> TextVectors:
    """The mean vector of each customer's texts, in which every text counts alike.

    Texts are added one after the other, so that the size of the batches changes no digit.

    Args:
        weights_of_batches: for each batch of texts, the place of the customer of each, shape (n_texts,), and the
            weights of its terms, shape (n_texts, n_terms), with rows of length 1 or 0.
        vectors: shape (n_terms, length).
    """
    n_texts, n_known = np.zeros(n_customers, np.int64), np.zeros(n_customers, np.int64)
    sums = np.zeros((n_customers, vectors.shape[1]))
    for customers, weights in weights_of_batches:
        np.add.at(n_texts, customers, 1)
        np.add.at(n_known, customers, np.diff(weights.indptr) > 0)
        np.add.at(sums, customers, weights @ vectors)
    return TextVectors(n_texts, n_known, sums / np.maximum(n_known, 1)[:, None])


def project(terms: Terms, batches: Iterable[tuple[Labels, Sequence[str]]], n_customers: int) -> TextVectors:
    """The vectors of customers from their texts, in batches: the place of the customer of each text, and the text."""
    if n_customers == 0:  # as in a build without rows, which has no terms either
        return mean_vectors((), terms.vectors, 0)
    vectorizer = vectorizer_of(terms)
    weighted = ((customers, vectorizer.transform(texts)) for customers, texts in batches)
    return mean_vectors(weighted, terms.vectors, n_customers)
