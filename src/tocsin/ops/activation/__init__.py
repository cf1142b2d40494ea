"""The call: request, decision by the states, muster, activation to stand-down."""
