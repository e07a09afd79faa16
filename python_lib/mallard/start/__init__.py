"""The files of a first segmentation, for a table that nobody has described."""
