"""The database itself refuses to change or delete an entry of the log; the ledger's one row is there from the start."""

from typing import Any, ClassVar

from django.db import migrations

from tocsin.ledger import ZEROS

SQLITE = """
CREATE TRIGGER log_no_update BEFORE UPDATE ON common_entry BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER log_no_delete BEFORE DELETE ON common_entry BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
"""
POSTGRESQL = """
CREATE FUNCTION log_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the log is append-only'; END $$;
CREATE TRIGGER log_no_change BEFORE UPDATE OR DELETE ON common_entry FOR EACH ROW EXECUTE FUNCTION log_refuse();
CREATE TRIGGER log_no_truncate BEFORE TRUNCATE ON common_entry FOR EACH STATEMENT EXECUTE FUNCTION log_refuse();
"""


def forwards(apps: Any, editor: Any) -> None:
    apps.get_model("common", "Ledger").objects.create(number=0, digest=ZEROS)
    statements = POSTGRESQL if editor.connection.vendor == "postgresql" else SQLITE
    parts = [statements] if editor.connection.vendor == "postgresql" else [s + "END;" for s in statements.split("END;")[:-1]]
    for part in parts:
        editor.execute(part)


def backwards(apps: Any, editor: Any) -> None:
    raise RuntimeError("The log is not unmade.")


class Migration(migrations.Migration):
    dependencies: ClassVar = [("common", "0001_initial")]
    operations: ClassVar = [migrations.RunPython(forwards, backwards)]
