"""Requests in order: retries, redirects, the crawl, its probes and the load test."""
