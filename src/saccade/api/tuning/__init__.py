"""Settings found: a rate, a recipe, a sweep."""
