"""SQL as text: pure functions, independent of engines and of existing tables."""
