"""A long run in bad weather: thousands of calls, and a witness that counts what became of each of them."""
