-- CreateEnum
CREATE TYPE "ai_activity_category" AS ENUM ('feature', 'bugfix', 'refactor', 'docs', 'test', 'other');

-- CreateEnum
CREATE TYPE "agent_execution_status" AS ENUM ('pending', 'running', 'waiting_approval', 'completed', 'failed', 'cancelled');

-- CreateEnum
CREATE TYPE "stream_kind" AS ENUM ('agent_execution', 'pipeline_execution', 'project');

-- CreateEnum
CREATE TYPE "pipeline_status" AS ENUM ('queued', 'waiting', 'running', 'success', 'failed', 'cancelled', 'skipped');

-- CreateEnum
CREATE TYPE "deployment_status" AS ENUM ('queued', 'waiting', 'running', 'success', 'failed', 'cancelled', 'inactive');

-- CreateEnum
CREATE TYPE "project_status" AS ENUM ('active', 'archived');

-- CreateEnum
CREATE TYPE "project_role" AS ENUM ('viewer', 'developer', 'maintainer', 'owner');

-- CreateEnum
CREATE TYPE "integration_status" AS ENUM ('pending', 'active', 'failing', 'disabled');

-- CreateEnum
CREATE TYPE "delivery_outcome" AS ENUM ('received', 'processed', 'ignored', 'failed');

-- CreateEnum
CREATE TYPE "pull_request_state" AS ENUM ('open', 'closed', 'merged');

-- CreateTable
CREATE TABLE "user" (
    "id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "password_hash" TEXT,
    "is_admin" BOOLEAN NOT NULL DEFAULT false,
    "disabled_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "user_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "session" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "refresh_hash" BYTEA NOT NULL,
    "user_agent" TEXT,
    "address" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "last_used_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_key" (
    "id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "created_by_id" UUID,
    "name" TEXT NOT NULL,
    "prefix" TEXT NOT NULL,
    "hash" BYTEA NOT NULL,
    "scopes" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_key_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "signing_key" (
    "id" TEXT NOT NULL,
    "algorithm" TEXT NOT NULL,
    "public_jwk" JSONB NOT NULL,
    "private_sealed" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "retired_at" TIMESTAMPTZ(3),

    CONSTRAINT "signing_key_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "instance" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "epoch" UUID NOT NULL,
    "demo_seeded" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "instance_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ai_activity" (
    "id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "tool" TEXT NOT NULL,
    "category" "ai_activity_category" NOT NULL,
    "user_id" UUID,
    "api_key_id" UUID,
    "decision" TEXT,
    "model" TEXT,
    "input_tokens" BIGINT NOT NULL DEFAULT 0,
    "cache_read_tokens" BIGINT NOT NULL DEFAULT 0,
    "cache_write_5m_tokens" BIGINT NOT NULL DEFAULT 0,
    "cache_write_1h_tokens" BIGINT NOT NULL DEFAULT 0,
    "output_tokens" BIGINT NOT NULL DEFAULT 0,
    "reasoning_tokens" BIGINT NOT NULL DEFAULT 0,
    "cost_reported_nanos" BIGINT,
    "cost_computed_nanos" BIGINT,
    "price_version" TEXT,
    "session_id" UUID,
    "commit_id" UUID,
    "commit_sha" TEXT,
    "commit_method" TEXT,
    "commit_confidence" DOUBLE PRECISION,
    "lines_added" INTEGER NOT NULL DEFAULT 0,
    "lines_removed" INTEGER NOT NULL DEFAULT 0,
    "source" TEXT NOT NULL,
    "dedupe_key" TEXT,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ai_activity_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ai_activity_content" (
    "activity_id" UUID NOT NULL,
    "prompt" TEXT,
    "response" TEXT,

    CONSTRAINT "ai_activity_content_pkey" PRIMARY KEY ("activity_id")
);

-- CreateTable
CREATE TABLE "ai_activity_code_change" (
    "activity_id" UUID NOT NULL,
    "index" INTEGER NOT NULL,
    "path" TEXT NOT NULL,
    "diff" TEXT,
    "added" INTEGER NOT NULL DEFAULT 0,
    "removed" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "ai_activity_code_change_pkey" PRIMARY KEY ("activity_id","index")
);

-- CreateTable
CREATE TABLE "ai_session" (
    "id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "tool" TEXT NOT NULL,
    "external_id" TEXT NOT NULL,
    "repository_id" UUID,
    "branch" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ai_session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "agent_execution" (
    "id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "agent_type" TEXT NOT NULL,
    "task_description" TEXT NOT NULL,
    "status" "agent_execution_status" NOT NULL,
    "external" BOOLEAN NOT NULL DEFAULT false,
    "input_data" JSONB NOT NULL DEFAULT '{}',
    "output_data" JSONB,
    "error_message" TEXT,
    "created_by_id" UUID,
    "created_by_key_id" UUID,
    "retry_of_id" UUID,
    "idempotency_key" TEXT,
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "fence" BIGINT NOT NULL DEFAULT 0,
    "lease_owner" TEXT,
    "lease_until" TIMESTAMPTZ(3),
    "cancel_requested_at" TIMESTAMPTZ(3),
    "last_activity_at" TIMESTAMPTZ(3) NOT NULL,
    "last_text_at" TIMESTAMPTZ(3),
    "last_batch" INTEGER NOT NULL DEFAULT 0,
    "budget" JSONB,
    "tool_calls" INTEGER NOT NULL DEFAULT 0,
    "model" TEXT,
    "input_tokens" BIGINT NOT NULL DEFAULT 0,
    "cache_read_tokens" BIGINT NOT NULL DEFAULT 0,
    "cache_write_5m_tokens" BIGINT NOT NULL DEFAULT 0,
    "cache_write_1h_tokens" BIGINT NOT NULL DEFAULT 0,
    "output_tokens" BIGINT NOT NULL DEFAULT 0,
    "reasoning_tokens" BIGINT NOT NULL DEFAULT 0,
    "cost_nanos" BIGINT,
    "unpriced_usages" INTEGER NOT NULL DEFAULT 0,
    "started_at" TIMESTAMPTZ(3),
    "completed_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "agent_execution_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "agent_step" (
    "execution_id" UUID NOT NULL,
    "index" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "output" JSONB NOT NULL,
    "fence" BIGINT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "completed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "agent_step_pkey" PRIMARY KEY ("execution_id","index")
);

-- CreateTable
CREATE TABLE "agent_batch" (
    "execution_id" UUID NOT NULL,
    "batch" INTEGER NOT NULL,
    "seq" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "agent_batch_pkey" PRIMARY KEY ("execution_id","batch")
);

-- CreateTable
CREATE TABLE "stream_head" (
    "stream_id" UUID NOT NULL,
    "kind" "stream_kind" NOT NULL,
    "project_id" UUID NOT NULL,
    "seq" INTEGER NOT NULL DEFAULT 0,
    "first_seq" INTEGER NOT NULL DEFAULT 1,
    "ended" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "stream_head_pkey" PRIMARY KEY ("stream_id")
);

-- CreateTable
CREATE TABLE "stream_event" (
    "stream_id" UUID NOT NULL,
    "seq" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "type" TEXT NOT NULL,
    "data" JSONB NOT NULL,

    CONSTRAINT "stream_event_pkey" PRIMARY KEY ("stream_id","seq")
);

-- CreateTable
CREATE TABLE "event_content" (
    "id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "stream_id" UUID NOT NULL,
    "media_type" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "event_content_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "pipeline_execution" (
    "id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "repository_id" UUID NOT NULL,
    "provider" TEXT NOT NULL,
    "external_id" TEXT NOT NULL,
    "attempt" INTEGER NOT NULL DEFAULT 1,
    "pipeline_name" TEXT NOT NULL,
    "title" TEXT,
    "run_number" INTEGER,
    "status" "pipeline_status" NOT NULL,
    "raw_status" TEXT,
    "raw_conclusion" TEXT,
    "commit_sha" TEXT,
    "branch" TEXT,
    "event" TEXT,
    "triggered_by" TEXT,
    "url" TEXT,
    "deployment_url" TEXT,
    "test_results" JSONB,
    "started_at" TIMESTAMPTZ(3),
    "completed_at" TIMESTAMPTZ(3),
    "fold" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "pipeline_execution_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "pipeline_job" (
    "id" UUID NOT NULL,
    "pipeline_id" UUID NOT NULL,
    "external_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "status" "pipeline_status" NOT NULL,
    "raw_status" TEXT,
    "raw_conclusion" TEXT,
    "runner_name" TEXT,
    "labels" TEXT[],
    "url" TEXT,
    "queued_at" TIMESTAMPTZ(3),
    "started_at" TIMESTAMPTZ(3),
    "completed_at" TIMESTAMPTZ(3),
    "fold" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "pipeline_job_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "pipeline_step" (
    "job_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "status" "pipeline_status" NOT NULL,
    "raw_conclusion" TEXT,
    "started_at" TIMESTAMPTZ(3),
    "completed_at" TIMESTAMPTZ(3),

    CONSTRAINT "pipeline_step_pkey" PRIMARY KEY ("job_id","number")
);

-- CreateTable
CREATE TABLE "environment" (
    "id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "is_production" BOOLEAN,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "environment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "deployment" (
    "id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "repository_id" UUID NOT NULL,
    "environment_id" UUID NOT NULL,
    "pipeline_id" UUID,
    "provider" TEXT NOT NULL,
    "external_id" TEXT NOT NULL,
    "status" "deployment_status" NOT NULL,
    "raw_status" TEXT,
    "commit_sha" TEXT,
    "ref" TEXT,
    "task" TEXT,
    "description" TEXT,
    "creator_login" TEXT,
    "url" TEXT,
    "log_url" TEXT,
    "started_at" TIMESTAMPTZ(3),
    "completed_at" TIMESTAMPTZ(3),
    "fold" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "deployment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "deployment_commit" (
    "deployment_id" UUID NOT NULL,
    "commit_id" UUID NOT NULL,

    CONSTRAINT "deployment_commit_pkey" PRIMARY KEY ("deployment_id","commit_id")
);

-- CreateTable
CREATE TABLE "project" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "repository_url" TEXT,
    "tech_stack" TEXT[],
    "status" "project_status" NOT NULL DEFAULT 'active',
    "settings" JSONB NOT NULL DEFAULT '{}',
    "is_demo" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "project_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "project_member" (
    "project_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "role" "project_role" NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "project_member_pkey" PRIMARY KEY ("project_id","user_id")
);

-- CreateTable
CREATE TABLE "project_workspace" (
    "project_id" UUID NOT NULL,
    "path" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "project_workspace_pkey" PRIMARY KEY ("project_id","path")
);

-- CreateTable
CREATE TABLE "integration" (
    "id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "provider" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "external_ids" JSONB NOT NULL DEFAULT '{}',
    "status" "integration_status" NOT NULL DEFAULT 'pending',
    "secret_sealed" BYTEA NOT NULL,
    "last_delivery_at" TIMESTAMPTZ(3),
    "last_error" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "integration_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "webhook_delivery" (
    "id" UUID NOT NULL,
    "integration_id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "provider" TEXT NOT NULL,
    "delivery_id" TEXT NOT NULL,
    "event" TEXT NOT NULL,
    "action" TEXT,
    "headers" JSONB NOT NULL,
    "content_type" TEXT NOT NULL,
    "body_bytes" INTEGER NOT NULL,
    "body_hash" BYTEA NOT NULL,
    "outcome" "delivery_outcome" NOT NULL DEFAULT 'received',
    "error" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "duplicates" INTEGER NOT NULL DEFAULT 0,
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "processed_at" TIMESTAMPTZ(3),
    "duration_ms" INTEGER,

    CONSTRAINT "webhook_delivery_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "webhook_delivery_payload" (
    "delivery_id" UUID NOT NULL,
    "body" BYTEA NOT NULL,

    CONSTRAINT "webhook_delivery_payload_pkey" PRIMARY KEY ("delivery_id")
);

-- CreateTable
CREATE TABLE "repository" (
    "id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "provider" TEXT NOT NULL,
    "external_id" TEXT NOT NULL,
    "full_name" TEXT NOT NULL,
    "url" TEXT,
    "default_branch" TEXT,
    "fold" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "repository_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "commit" (
    "id" UUID NOT NULL,
    "repository_id" UUID NOT NULL,
    "sha" TEXT NOT NULL,
    "message" TEXT,
    "author_name" TEXT,
    "author_email" TEXT,
    "author_login" TEXT,
    "branch" TEXT,
    "url" TEXT,
    "files_changed" INTEGER,
    "committed_at" TIMESTAMPTZ(3),
    "fold" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "commit_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "pull_request" (
    "id" UUID NOT NULL,
    "repository_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "title" TEXT NOT NULL DEFAULT '',
    "state" "pull_request_state" NOT NULL DEFAULT 'open',
    "draft" BOOLEAN NOT NULL DEFAULT false,
    "author_login" TEXT,
    "author_is_bot" BOOLEAN NOT NULL DEFAULT false,
    "head_ref" TEXT,
    "head_sha" TEXT,
    "base_ref" TEXT,
    "merge_commit_sha" TEXT,
    "additions" INTEGER,
    "deletions" INTEGER,
    "changed_files" INTEGER,
    "url" TEXT,
    "opened_at" TIMESTAMPTZ(3),
    "closed_at" TIMESTAMPTZ(3),
    "merged_at" TIMESTAMPTZ(3),
    "fold" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "pull_request_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "pull_request_commit" (
    "pull_request_id" UUID NOT NULL,
    "commit_id" UUID NOT NULL,
    "method" TEXT NOT NULL,
    "confidence" DOUBLE PRECISION NOT NULL DEFAULT 1,

    CONSTRAINT "pull_request_commit_pkey" PRIMARY KEY ("pull_request_id","commit_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "user_email_key" ON "user"("email");

-- CreateIndex
CREATE INDEX "session_user_id_idx" ON "session"("user_id");

-- CreateIndex
CREATE INDEX "api_key_project_id_created_at_idx" ON "api_key"("project_id", "created_at");

-- CreateIndex
CREATE INDEX "ai_activity_project_id_occurred_at_id_idx" ON "ai_activity"("project_id", "occurred_at" DESC, "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "ai_activity_project_id_source_dedupe_key_key" ON "ai_activity"("project_id", "source", "dedupe_key");

-- CreateIndex
CREATE UNIQUE INDEX "ai_session_project_id_tool_external_id_key" ON "ai_session"("project_id", "tool", "external_id");

-- CreateIndex
CREATE INDEX "agent_execution_project_id_created_at_id_idx" ON "agent_execution"("project_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "agent_execution_status_lease_until_idx" ON "agent_execution"("status", "lease_until");

-- CreateIndex
CREATE UNIQUE INDEX "agent_execution_project_id_idempotency_key_key" ON "agent_execution"("project_id", "idempotency_key");

-- CreateIndex
CREATE INDEX "stream_head_project_id_idx" ON "stream_head"("project_id");

-- CreateIndex
CREATE INDEX "event_content_stream_id_idx" ON "event_content"("stream_id");

-- CreateIndex
CREATE INDEX "pipeline_execution_project_id_created_at_id_idx" ON "pipeline_execution"("project_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "pipeline_execution_repository_id_commit_sha_idx" ON "pipeline_execution"("repository_id", "commit_sha");

-- CreateIndex
CREATE UNIQUE INDEX "pipeline_execution_repository_id_provider_external_id_attem_key" ON "pipeline_execution"("repository_id", "provider", "external_id", "attempt");

-- CreateIndex
CREATE UNIQUE INDEX "pipeline_job_pipeline_id_external_id_key" ON "pipeline_job"("pipeline_id", "external_id");

-- CreateIndex
CREATE UNIQUE INDEX "environment_project_id_name_key" ON "environment"("project_id", "name");

-- CreateIndex
CREATE INDEX "deployment_project_id_created_at_id_idx" ON "deployment"("project_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "deployment_environment_id_created_at_idx" ON "deployment"("environment_id", "created_at");

-- CreateIndex
CREATE INDEX "deployment_pipeline_id_idx" ON "deployment"("pipeline_id");

-- CreateIndex
CREATE UNIQUE INDEX "deployment_repository_id_provider_external_id_key" ON "deployment"("repository_id", "provider", "external_id");

-- CreateIndex
CREATE INDEX "deployment_commit_commit_id_idx" ON "deployment_commit"("commit_id");

-- CreateIndex
CREATE UNIQUE INDEX "project_slug_key" ON "project"("slug");

-- CreateIndex
CREATE INDEX "project_created_at_id_idx" ON "project"("created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "project_member_user_id_idx" ON "project_member"("user_id");

-- CreateIndex
CREATE INDEX "integration_project_id_created_at_idx" ON "integration"("project_id", "created_at");

-- CreateIndex
CREATE INDEX "webhook_delivery_project_id_received_at_id_idx" ON "webhook_delivery"("project_id", "received_at" DESC, "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "webhook_delivery_integration_id_delivery_id_key" ON "webhook_delivery"("integration_id", "delivery_id");

-- CreateIndex
CREATE UNIQUE INDEX "repository_project_id_provider_external_id_key" ON "repository"("project_id", "provider", "external_id");

-- CreateIndex
CREATE UNIQUE INDEX "commit_repository_id_sha_key" ON "commit"("repository_id", "sha");

-- CreateIndex
CREATE INDEX "pull_request_repository_id_head_sha_idx" ON "pull_request"("repository_id", "head_sha");

-- CreateIndex
CREATE UNIQUE INDEX "pull_request_repository_id_number_key" ON "pull_request"("repository_id", "number");

-- CreateIndex
CREATE INDEX "pull_request_commit_commit_id_idx" ON "pull_request_commit"("commit_id");

-- AddForeignKey
ALTER TABLE "session" ADD CONSTRAINT "session_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_key" ADD CONSTRAINT "api_key_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "project"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_key" ADD CONSTRAINT "api_key_created_by_id_fkey" FOREIGN KEY ("created_by_id") REFERENCES "user"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ai_activity" ADD CONSTRAINT "ai_activity_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "project"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ai_activity" ADD CONSTRAINT "ai_activity_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ai_activity" ADD CONSTRAINT "ai_activity_api_key_id_fkey" FOREIGN KEY ("api_key_id") REFERENCES "api_key"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ai_activity" ADD CONSTRAINT "ai_activity_session_id_fkey" FOREIGN KEY ("session_id") REFERENCES "ai_session"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ai_activity" ADD CONSTRAINT "ai_activity_commit_id_fkey" FOREIGN KEY ("commit_id") REFERENCES "commit"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ai_activity_content" ADD CONSTRAINT "ai_activity_content_activity_id_fkey" FOREIGN KEY ("activity_id") REFERENCES "ai_activity"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ai_activity_code_change" ADD CONSTRAINT "ai_activity_code_change_activity_id_fkey" FOREIGN KEY ("activity_id") REFERENCES "ai_activity"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ai_session" ADD CONSTRAINT "ai_session_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "project"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ai_session" ADD CONSTRAINT "ai_session_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repository"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "agent_execution" ADD CONSTRAINT "agent_execution_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "project"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "agent_execution" ADD CONSTRAINT "agent_execution_created_by_id_fkey" FOREIGN KEY ("created_by_id") REFERENCES "user"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "agent_execution" ADD CONSTRAINT "agent_execution_created_by_key_id_fkey" FOREIGN KEY ("created_by_key_id") REFERENCES "api_key"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "agent_execution" ADD CONSTRAINT "agent_execution_retry_of_id_fkey" FOREIGN KEY ("retry_of_id") REFERENCES "agent_execution"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "agent_step" ADD CONSTRAINT "agent_step_execution_id_fkey" FOREIGN KEY ("execution_id") REFERENCES "agent_execution"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "agent_batch" ADD CONSTRAINT "agent_batch_execution_id_fkey" FOREIGN KEY ("execution_id") REFERENCES "agent_execution"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "pipeline_execution" ADD CONSTRAINT "pipeline_execution_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "project"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "pipeline_execution" ADD CONSTRAINT "pipeline_execution_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repository"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "pipeline_job" ADD CONSTRAINT "pipeline_job_pipeline_id_fkey" FOREIGN KEY ("pipeline_id") REFERENCES "pipeline_execution"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "pipeline_step" ADD CONSTRAINT "pipeline_step_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "pipeline_job"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "environment" ADD CONSTRAINT "environment_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "project"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "deployment" ADD CONSTRAINT "deployment_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "project"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "deployment" ADD CONSTRAINT "deployment_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repository"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "deployment" ADD CONSTRAINT "deployment_environment_id_fkey" FOREIGN KEY ("environment_id") REFERENCES "environment"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "deployment" ADD CONSTRAINT "deployment_pipeline_id_fkey" FOREIGN KEY ("pipeline_id") REFERENCES "pipeline_execution"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "deployment_commit" ADD CONSTRAINT "deployment_commit_deployment_id_fkey" FOREIGN KEY ("deployment_id") REFERENCES "deployment"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "deployment_commit" ADD CONSTRAINT "deployment_commit_commit_id_fkey" FOREIGN KEY ("commit_id") REFERENCES "commit"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "project_member" ADD CONSTRAINT "project_member_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "project"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "project_member" ADD CONSTRAINT "project_member_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "project_workspace" ADD CONSTRAINT "project_workspace_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "project"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "integration" ADD CONSTRAINT "integration_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "project"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "webhook_delivery" ADD CONSTRAINT "webhook_delivery_integration_id_fkey" FOREIGN KEY ("integration_id") REFERENCES "integration"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "webhook_delivery" ADD CONSTRAINT "webhook_delivery_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "project"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "webhook_delivery_payload" ADD CONSTRAINT "webhook_delivery_payload_delivery_id_fkey" FOREIGN KEY ("delivery_id") REFERENCES "webhook_delivery"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "repository" ADD CONSTRAINT "repository_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "project"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "commit" ADD CONSTRAINT "commit_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repository"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "pull_request" ADD CONSTRAINT "pull_request_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repository"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "pull_request_commit" ADD CONSTRAINT "pull_request_commit_pull_request_id_fkey" FOREIGN KEY ("pull_request_id") REFERENCES "pull_request"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "pull_request_commit" ADD CONSTRAINT "pull_request_commit_commit_id_fkey" FOREIGN KEY ("commit_id") REFERENCES "commit"("id") ON DELETE CASCADE ON UPDATE CASCADE;
