"""What a partition is worth, which number of segments to choose and why, and what to call a segment."""
