"""Who we are: states and their rules, partners, people and what they may do."""
