"""What the macros call: the Python steps of a materialization and of the hooks, on dbt's own connection."""
