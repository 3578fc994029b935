"""The banks' settlement files: each day once more, whole, against what was read and booked."""
