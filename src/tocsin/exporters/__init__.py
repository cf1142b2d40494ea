"""From an assessment to what people and programs read: reports, actions, exchange formats."""
