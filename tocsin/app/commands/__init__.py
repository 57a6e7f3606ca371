"""The commands of the command line, a room for each subject; ``tocsin.app.cli`` has the table."""
