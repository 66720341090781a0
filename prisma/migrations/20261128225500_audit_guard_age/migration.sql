-- Whoever may create a trigger (as the owner of the tables may, on a temporary table of his own) comes to the guard as
-- deep as the retention function does. So the guard looks at the age as well: nothing younger than 30 days goes on any
-- path, short of altering the table itself.
CREATE OR REPLACE FUNCTION audit_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'audit_entry' AND pg_trigger_depth() > 1 THEN
    IF OLD.at < now() - interval '30 days' THEN
      RETURN OLD;
    END IF;
  END IF;
  RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
