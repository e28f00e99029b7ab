"""What ways of making pictures share: what they get and give, the climb, the basis in which they step."""
