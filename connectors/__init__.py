"""One folder a platform, and the contract that every folder keeps (`connectors.contract`)."""
