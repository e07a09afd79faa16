"""What goes in: settings, columns and features, the plan made of them, and given centroids."""
