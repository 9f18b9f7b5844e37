"""Why an endpoint fails: the causes behind findings, with the evidence for each."""
