"""The ground floor: words every domain speaks. Standard library only."""
