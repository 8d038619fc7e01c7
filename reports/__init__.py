"""From the journal to what people read, keep and sign."""
