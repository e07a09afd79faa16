"""SQL as text: pure functions that know neither an engine nor a table that exists."""
