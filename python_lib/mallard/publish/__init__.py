"""A file with tables for BI tools, which know nothing about dbt."""
