"""A practice Identity Center: what AWS's sign-in, portal and STS answer, on loopback."""
