"""The command broadcast-check: options, files, exit statuses."""
