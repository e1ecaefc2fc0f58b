"""Adds the table of public files, unguessable addresses and the sizes that quotas count."""

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import cms.media.models.consent
import cms.media.uploads.file_paths
import cms.media.uploads.upload_limits
import cms.media.webvtt


class Migration(migrations.Migration):
    dependencies = [
        ("cms_media", "0004_find_documents_by_hash"),
        ("delivery", "0004_name_hashes_of_files"),
    ]

    operations = [
        migrations.AddField("consent", "file_size", models.PositiveBigIntegerField(editable=False, null=True, verbose_name="size of the proof")),
        migrations.AddField("video", "file_size", models.PositiveBigIntegerField(editable=False, null=True, verbose_name="size of the file")),
        migrations.AddField("videocaption", "file_size", models.PositiveBigIntegerField(editable=False, null=True, verbose_name="size of the file")),
        migrations.AddField("customdocument", "token", models.CharField(editable=False, max_length=32, null=True, verbose_name="part of the address")),
        migrations.AlterField(
            model_name="consent",
            name="proof",
            field=cms.media.models.consent.ProofField(help_text="The signed form (PDF or image). Kept private.", storage=cms.media.models.consent.private_storage, upload_to="consents/", validators=[django.core.validators.FileExtensionValidator(["pdf", "jpg", "jpeg", "png"]), cms.media.uploads.upload_limits.MaximumSize("PROOF_MAX_BYTES")], verbose_name="proof"),
        ),
        migrations.AlterField(
            model_name="video",
            name="file",
            field=models.FileField(blank=True, help_text="MP4 or WebM. Leave empty when the video is on a platform.", upload_to=cms.media.uploads.file_paths.UnguessablePath("videos"), validators=[django.core.validators.FileExtensionValidator(["mp4", "webm"]), cms.media.uploads.upload_limits.MaximumSize("VIDEO_MAX_BYTES")], verbose_name="file"),
        ),
        migrations.AlterField(
            model_name="videocaption",
            name="file",
            field=models.FileField(upload_to=cms.media.uploads.file_paths.UnguessablePath("captions"), validators=[django.core.validators.FileExtensionValidator(["vtt"]), cms.media.webvtt.validate_webvtt_file], verbose_name="WebVTT file"),
        ),
        migrations.CreateModel(
            name="PublicFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(help_text="Its name in the storage.", max_length=100, verbose_name="file")),
                ("public_until", models.DateTimeField(blank=True, null=True, verbose_name="public until")),
                ("document", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="files", to="delivery.publisheddocument", verbose_name="published document")),
            ],
            options={
                "verbose_name": "public file",
                "verbose_name_plural": "public files",
                "constraints": [models.UniqueConstraint(fields=("name", "document"), name="one_public_file_per_document")],
            },
        ),
    ]
