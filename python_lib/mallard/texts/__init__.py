"""Texts become vectors by the terms in them: fitted once, stored as a table, and applied to new texts."""
