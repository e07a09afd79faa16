"""Rules that follow the segments: a threshold tree over weighted points, and its leaves in SQL and in words."""
