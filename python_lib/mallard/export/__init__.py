"""Files for programs and people that read no warehouse."""
