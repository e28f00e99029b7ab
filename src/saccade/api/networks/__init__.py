"""Networks looked at: found, summed up, drawn, traced, judged."""
