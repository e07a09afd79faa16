"""Mallard on Spark beside Spark's own K-means, each in a session of the same kind."""
