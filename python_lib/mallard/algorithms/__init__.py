"""Other algorithms beside K-means, on the same scaled customers."""
