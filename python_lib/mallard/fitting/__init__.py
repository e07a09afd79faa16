"""The door for projects whose dbt runs no Python: a segmentation of a table, fitted from the command line."""
