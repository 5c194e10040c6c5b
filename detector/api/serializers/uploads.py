"""What is sent in."""

from rest_framework import serializers

from detector.api.wishes import WishFields


class ClipUpload(WishFields):
    """What `/predict` reads."""

    file = serializers.FileField(allow_empty_file=True, help_text="One recording.")


class BatchUpload(WishFields):
    """What `/predict/batch` reads; the options are those of every file."""

    files = serializers.ListField(
        child=serializers.FileField(allow_empty_file=True),
        min_length=1,
        help_text="Recordings; the field is repeated for each.",
    )
