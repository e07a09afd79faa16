"""K-means for who works in Python: a scikit-learn estimator over the search and the choice of a number."""
