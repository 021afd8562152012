"""Unconfirmed reads + a person's credential -> what harmless requests prove about their paths."""
