"""From the bytes of a body to a page: JSON, its defects, rows and the next token."""
