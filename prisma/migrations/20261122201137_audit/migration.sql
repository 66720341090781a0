-- CreateEnum
CREATE TYPE "audit_outcome" AS ENUM ('succeeded', 'refused', 'failed');

-- CreateEnum
CREATE TYPE "privacy_mode" AS ENUM ('full', 'metadata');

-- CreateTable
CREATE TABLE "audit_entry" (
    "id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "project_id" UUID,
    "actor_type" TEXT NOT NULL,
    "user_id" UUID,
    "session_id" UUID,
    "api_key_id" UUID,
    "integration_id" UUID,
    "action" TEXT NOT NULL,
    "outcome" "audit_outcome" NOT NULL,
    "target_type" TEXT,
    "target_id" TEXT,
    "details" JSONB,
    "address" TEXT,
    "user_agent" TEXT,
    "request_id" TEXT,

    CONSTRAINT "audit_entry_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit_pruning" (
    "id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "project_id" UUID,
    "before" TIMESTAMPTZ(3) NOT NULL,
    "batch" INTEGER NOT NULL,
    "deleted" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "audit_pruning_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "project_retention" (
    "project_id" UUID NOT NULL,
    "privacy_mode" "privacy_mode" NOT NULL DEFAULT 'full',
    "content_days" INTEGER,
    "event_days" INTEGER,
    "delivery_days" INTEGER,
    "audit_days" INTEGER,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "project_retention_pkey" PRIMARY KEY ("project_id")
);

-- CreateIndex
CREATE INDEX "audit_entry_project_id_at_id_idx" ON "audit_entry"("project_id", "at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "audit_entry_at_id_idx" ON "audit_entry"("at" DESC, "id" DESC);

-- AddForeignKey
ALTER TABLE "project_retention" ADD CONSTRAINT "project_retention_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "project"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- The audit log is append-only. What plain SQL of the application's role cannot do, whatever it is tricked into
-- running (an injected statement, a faulty operation, a script): change or remove an entry, empty the table, or have
-- an entry removed that is younger than 30 days. The one way to remove entries is to insert into audit_pruning, whose
-- trigger deletes; the guard tells that from any other DELETE by the depth of triggers, which no statement and no
-- setting can feign, and the pruning leaves a row of its own behind.
-- A role that owns the tables may still drop the triggers. With SHIPLOG_MIGRATION_URL the application's role owns
-- nothing and has neither UPDATE, DELETE nor TRUNCATE here: then the owner's trigger function is the only way.
CREATE FUNCTION audit_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'audit_entry' AND pg_trigger_depth() > 1 THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER audit_entry_rows BEFORE UPDATE OR DELETE ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_guard();
CREATE TRIGGER audit_entry_truncate BEFORE TRUNCATE ON audit_entry FOR EACH STATEMENT EXECUTE FUNCTION audit_guard();
CREATE TRIGGER audit_pruning_rows BEFORE UPDATE OR DELETE ON audit_pruning FOR EACH ROW EXECUTE FUNCTION audit_guard();
CREATE TRIGGER audit_pruning_truncate BEFORE TRUNCATE ON audit_pruning FOR EACH STATEMENT EXECUTE FUNCTION audit_guard();

-- The retention function. A pruning that finds nothing leaves no row.
CREATE FUNCTION audit_prune() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  NEW.before := least(NEW.before, now() - interval '30 days');
  DELETE FROM audit_entry WHERE id IN (
    SELECT id FROM audit_entry
    WHERE project_id IS NOT DISTINCT FROM NEW.project_id AND at < NEW.before
    ORDER BY at, id LIMIT NEW.batch FOR UPDATE SKIP LOCKED
  );
  GET DIAGNOSTICS NEW.deleted = ROW_COUNT;
  RETURN CASE WHEN NEW.deleted > 0 THEN NEW END;
END $$;

CREATE TRIGGER audit_pruning_insert BEFORE INSERT ON audit_pruning FOR EACH ROW EXECUTE FUNCTION audit_prune();

-- Also in a session that calls itself a replica.
ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_entry_rows;
ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_entry_truncate;
ALTER TABLE audit_pruning ENABLE ALWAYS TRIGGER audit_pruning_rows;
ALTER TABLE audit_pruning ENABLE ALWAYS TRIGGER audit_pruning_truncate;
ALTER TABLE audit_pruning ENABLE ALWAYS TRIGGER audit_pruning_insert;
