"""The admin panel: Django's own, in django-unfold's clothes, for administrators."""
