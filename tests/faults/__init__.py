"""What breaks on real machines, done on purpose: kills, full disks, damaged files, two at once."""
