"""The HTML report of a segmentation, with its charts, texts and data."""
