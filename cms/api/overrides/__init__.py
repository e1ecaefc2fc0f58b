"""Code that depends on private parts of Django or Django REST framework."""
