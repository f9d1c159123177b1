"""What an inspector asks for, on one page and in one pack. Nothing here changes anything."""
