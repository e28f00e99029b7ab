"""The verbs dream and restyle: pictures that networks make."""
