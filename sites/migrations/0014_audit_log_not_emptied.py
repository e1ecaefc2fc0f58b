"""Refuses TRUNCATE of the audit log on PostgreSQL, and names the actions that the log records since."""

from django.db import migrations, models

TRIGGER = """
CREATE FUNCTION cms_audit_log_not_emptied() RETURNS trigger AS $$
BEGIN
    IF current_setting('cms.audit_log_retention', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'Entries of the audit log are neither changed nor deleted.';
END;
$$ LANGUAGE plpgsql;
CREATE TRIGGER cms_audit_log_not_emptied BEFORE TRUNCATE ON cms_sites_auditlogentry
    FOR EACH STATEMENT EXECUTE FUNCTION cms_audit_log_not_emptied();
"""
REMOVE_TRIGGER = """
DROP TRIGGER cms_audit_log_not_emptied ON cms_sites_auditlogentry;
DROP FUNCTION cms_audit_log_not_emptied();
"""


def add_trigger(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(TRIGGER)


def remove_trigger(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(REMOVE_TRIGGER)


class Migration(migrations.Migration):
    dependencies = [("cms_sites", "0013_sessions_ended")]

    operations = [
        migrations.RunPython(add_trigger, remove_trigger),
        migrations.AlterField(
            model_name='auditlogentry',
            name='action',
            field=models.CharField(choices=[('login', 'Login'), ('login_failed', 'Failed login'), ('identity_confirmed', 'Identity confirmed'), ('access_refused', 'Access refused'), ('limit_reached', 'Limit of attempts reached'), ('password_reset_requested', 'Password reset requested'), ('password_changed', 'Password changed'), ('address_change_requested', 'Change of the e-mail address requested'), ('address_changed', 'E-mail address changed'), ('second_factors_changed', 'Second factors or login service changed'), ('sessions_ended', 'Sessions ended'), ('api_tokens_changed', 'API tokens changed'), ('account_created', 'Account created'), ('account_closed', 'Account closed'), ('account_opened', 'Account opened again'), ('account_deleted', 'Account deleted'), ('instance_rights_given', 'Made administrator of the instance'), ('instance_rights_taken', 'No longer administrator of the instance'), ('roles_added', 'Roles given'), ('roles_removed', 'Roles taken away'), ('invited', 'Invitation sent'), ('invitation_revoked', 'Invitation revoked'), ('invitation_accepted', 'Invitation accepted'), ('download', 'List or file downloaded'), ('sharing', 'Sharing changed'), ('login_rules_changed', 'Requirements of the login changed'), ('department_created', 'Department created'), ('department_suspended', 'Department suspended'), ('department_reactivated', 'Department reactivated'), ('department_exported', 'Department exported'), ('department_removed', 'Department removed'), ('person_exported', 'Data of a person exported'), ('person_erased', 'Data of a person erased')], max_length=40, verbose_name='action'),
        ),
    ]
