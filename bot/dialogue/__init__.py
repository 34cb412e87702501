"""What is said next: a policy and the text generator."""
