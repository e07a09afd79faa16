"""K-means, from weighted points to the best partitions. Knows numpy and TensorFlow, but no SQL, dbt or engine."""
