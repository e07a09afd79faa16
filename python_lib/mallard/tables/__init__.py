"""The outcome as tables, and where the tables of a segmentation are in a database."""
