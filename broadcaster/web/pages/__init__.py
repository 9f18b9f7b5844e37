"""What a browser asks for, one subject a module: its addresses, its forms, and what they show."""
