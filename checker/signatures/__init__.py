"""What other software leaves in a body: encodings, error pages, pagination members."""
