"""Remote text: made safe to show, searched for defects, and cleared of secrets."""
