"""The patient assistant for kyphoplasty and vertebroplasty."""
