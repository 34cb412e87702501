"""What a patient asks the clinic for, read from their own words: who, how to reach them, when. No dialogue, no database."""
