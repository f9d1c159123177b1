"""Who is treated: identity, contacts, alerts, problems."""
