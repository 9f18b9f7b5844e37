"""Opens the database behind the store: its address, its connections, its errors in plain words."""
