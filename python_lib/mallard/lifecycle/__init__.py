"""What becomes of a segmentation over time: when to fit again, and which segment is which."""
