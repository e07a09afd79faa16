"""A page about a segmentation, its charts, and what they show."""
