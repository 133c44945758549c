"""Redis as a reminder: ids in a fair order, and who is alive."""
