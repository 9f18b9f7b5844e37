"""The commands of `broadcast`, one module each: `HELP`, `add_arguments(parser)` and `run(options)`,
which gives the exit status.
"""
