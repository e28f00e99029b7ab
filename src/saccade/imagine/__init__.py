"""Pictures that a network makes: one way of making them, one file."""
