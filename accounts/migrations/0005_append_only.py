"""PostgreSQL itself refuses to change or delete a row of the audit trail, whoever asks."""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION voicetell_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: its rows are never changed or deleted', TG_TABLE_NAME;
END $$;
"""

TRIGGERS = """
CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION voicetell_append_only();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION voicetell_append_only();
"""

DROP = """
DROP TRIGGER never_emptied ON {table};
DROP TRIGGER never_changed ON {table};
"""

TABLES = ("accounts_auditevent", "accounts_erasure")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_retention_and_erasure")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION voicetell_append_only();"),
        *(migrations.RunSQL(TRIGGERS.format(table=t), DROP.format(table=t)) for t in TABLES),
    ]
