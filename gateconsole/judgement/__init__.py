"""What runs mean: cuts, spikes, alert episodes, alerts, silence, readiness, effects, operator acts. Pure."""
