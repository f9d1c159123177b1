"""Referral, waitlist, episodes of care, levels of care, discharge."""
