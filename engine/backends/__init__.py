"""What turns segments into samples."""
