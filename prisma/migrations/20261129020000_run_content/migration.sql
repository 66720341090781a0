-- AlterTable
ALTER TABLE "agent_execution" ADD COLUMN     "content_removed_at" TIMESTAMPTZ(3);
