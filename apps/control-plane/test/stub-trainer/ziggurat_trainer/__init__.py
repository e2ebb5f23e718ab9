"""A training program that obeys the trainer's contract and learns nothing, so that jobs can be tested without torch."""
