"""One file per method: it builds the model that is to be trained and says how its result is written."""
