"""Rules that follow the segments: a threshold tree over weighted points, and what its leaves say in SQL and in words."""
