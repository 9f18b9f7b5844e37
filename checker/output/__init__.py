"""Where a report is written: files that are replaced only once whole, and streams."""
