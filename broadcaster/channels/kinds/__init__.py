"""The kinds of channels, one module each. The registry scans this folder: a new kind is a new
module here that defines `KINDS`, and no list names it.
"""
