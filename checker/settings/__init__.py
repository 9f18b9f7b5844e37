"""Settings that are not given on the command line: a file's and the environment's, and who wins."""
