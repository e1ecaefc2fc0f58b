"""Single sign-on with an OpenID Connect provider (ProConnect, Keycloak)."""
