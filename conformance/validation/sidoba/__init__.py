"""What a DUI sends to SIDOBA, read without judging. Its API is not published: the contract read here is the harness's own."""
