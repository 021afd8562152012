"""Operation + arguments -> request -> answer: the one path to a provider, and the only place that knows HTTP."""
