"""A file of tables for BI tools, which know nothing of dbt."""
