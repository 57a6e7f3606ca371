"""The roof: command line, service, schedule, configuration, demo."""
