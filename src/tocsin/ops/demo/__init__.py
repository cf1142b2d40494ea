"""An invented case: an alliance, its people, a running request, past missions. For a first look, exercises and tests."""
