"""Reports as they leave: letters, printed pages, and the text of the morning's mail."""
