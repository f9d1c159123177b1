"""The clinic: program management for the treatment of opioid use disorder."""
