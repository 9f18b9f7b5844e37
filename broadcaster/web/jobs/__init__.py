"""What runs behind a page: checks, loads and sends, each job in a process of its own."""
