"""What is decided before a page: the name, the site and the login of a request, and its limits."""
