"""The commands of the program, one file for each part of the life cycle."""
