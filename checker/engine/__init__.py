"""One check: crawls, judges each page by the rules, and builds the report."""
