"""The staff console: clinic staff read the conversations, answer patients and find what was answered badly."""
