-- AlterTable
ALTER TABLE "agent_execution" ADD COLUMN     "held_sealed" BYTEA;
