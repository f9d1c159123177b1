"""What breaks underneath a clinic: the power, the disk, the process."""
