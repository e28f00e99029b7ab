"""What a person sees of work that goes on."""
