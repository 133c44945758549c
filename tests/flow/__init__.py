"""The whole product, started as a user starts it and reached only through its public face."""
