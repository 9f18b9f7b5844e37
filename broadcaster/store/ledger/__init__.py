"""The ledger: which rows are claimed, sent and settled, and the laws that this keeps."""
