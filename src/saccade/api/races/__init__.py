"""Ways of training beside each other: what each costs until it is as good as asked."""
