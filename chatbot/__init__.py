"""A chatbot that a person can train, own and take apart; the folders stand in the order the data flows."""
