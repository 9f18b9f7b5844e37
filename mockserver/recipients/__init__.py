"""The endpoint of the contract: its rows, its pages, and every fault that it can show."""
