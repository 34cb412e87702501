"""What a message means: one Rasa component a file, in the order of config.yml."""
