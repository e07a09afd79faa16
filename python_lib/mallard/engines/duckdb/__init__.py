"""DuckDB: the only code that imports duckdb."""
