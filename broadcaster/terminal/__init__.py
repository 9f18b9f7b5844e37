"""The texts of loading and sending for a person at a terminal, and the questions."""
