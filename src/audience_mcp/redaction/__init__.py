"""Personal data -> keyed tokens where a result is made, and tokens in arguments -> the values again."""
