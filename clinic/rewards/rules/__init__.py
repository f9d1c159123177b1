"""What a visit earns, how far a cap lets it be paid, and what a slip from the bowl is worth."""
