"""PostHog: cohorts, persons and queries."""
