"""Reads an endpoint or a contacts file into the store, page by page, with the checker's crawl."""
