"""What an endpoint is built with, and a right endpoint in each language."""
