"""Reports: each turns one finished Report into text. Nothing here judges."""
