"""What our server is measured beside; each is run as a file of its own."""
