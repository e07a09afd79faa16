"""Spark: the only code that imports pyspark."""
