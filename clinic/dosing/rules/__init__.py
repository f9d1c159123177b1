"""Who may drink which dose, take how many home, and whether the stock adds up."""
