"""K-means with NumPy and TensorFlow, from weighted points to the best partitions. No SQL, dbt or engine in here."""
