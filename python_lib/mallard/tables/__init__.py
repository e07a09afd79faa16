"""Results as tables, and the tables of a segmentation in a database."""
