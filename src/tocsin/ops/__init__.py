"""The operations room: request, decision by the states, team, mission. A web application over the same library as the kit."""
