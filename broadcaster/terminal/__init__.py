"""What a person sees of loading and sending, and is asked. Decides nothing."""
