"""Where frames come from: cameras, files, and virtual scenes with known truth."""
