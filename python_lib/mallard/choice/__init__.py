"""Quality of partitions, selection of the number of segments, and names of segments."""
